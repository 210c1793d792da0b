"""Texts outside the data sets, with what a careful person says of them: a reader's own text must be read too."""

EMAILS = (
    (True,
     "Subject: You're a winner\n\nCongratulations! You were chosen to receive a brand new phone. "
     "Reply with your address and pay only 3 EUR shipping."),
    (False,
     "Subject: Lunch tomorrow\n\nHi Ben, still on for lunch at the Thai place? I might be ten "
     "minutes late. Ana"),
    (True, "Subject: Invoice attached\n\nPlease open the attached invoice.zip and enable macros to view it."),
    (False,
     "Subject: Your invoice for October\n\nDear Mr Kim, please find attached the invoice for your "
     "electricity in October, 64.20 EUR. The amount will be debited on 15 November. Your supplier"),
    (True,
     "Subject: Verify your e-mail\n\nYour account will be terminated unless you sign in here with "
     "your password: http://mail-verify.example"),
    (False,
     "Subject: Re: contract\n\nThanks, I've signed the contract and put it in the post. Could you "
     "send me the address of the notary?"),
    (True,
     "Subject: Hot stock tip\n\nThis penny stock will explode on Monday. Buy before everyone else "
     "does and triple your money!"),
    (False,
     "Subject: Weekly digest\n\nHello Jana, here are this week's most read articles from your "
     "subscriptions. Manage your preferences or unsubscribe below."),
    (True,
     "Subject: business\n\nHello dear, I am the widow of a rich merchant and wish to donate 4 "
     "million dollars to you. Contact me urgently."),
    (False,
     "Subject: Security training\n\nHi team, next week's training shows how to recognise phishing "
     "mails. If you are unsure about a link, do not click it, ask us. Room 3, Tuesday 10:00."),
    (True, "Subject: Meet hot girls tonight\n\nRegister free and chat now!!!"),
    (True,
     "Subject: Reduce your energy bill by 70%\n\nThis little device that power companies don't want "
     "you to know about is selling out. Get yours today with 50% discount."),
    (False,
     "Subject: Flight confirmation\n\nDear Ms Lopez, your booking is confirmed: Lisbon to Berlin, 3 "
     "May, 14:20. Online check-in opens 24 hours before departure."),
    (False,
     "Subject: Happy birthday!\n\nHappy birthday, old friend! I hope you win the lottery one day so "
     "that you can finally pay me back. Hugs, Zoe"),
    (True,
     "Subject: Payment overdue\n\nFinal warning. Your parcel storage fee is unpaid. Pay 2.99 now "
     "via the link or legal action follows: http://pay-fee.example"),
    (False, "Subject: Garden\n\nThe tomatoes are finally red. Come over and take some before the birds do."),
    (False, "please can you send the report by friday"),
    (True, "Get rich quick with our proven system, 100% guaranteed income, sign up today"),
    (True,
     "Subject: Unlock your hidden wealth\n\nAstrologer Madame Zora sees money coming to you. Send "
     "20 EUR for your personal horoscope. Limited offer!"),
    (False,
     "Subject: Tomorrow's rehearsal\n\nDear choir, tomorrow we rehearse at seven in the old hall, "
     "please bring pencils. Anna"),
    (True,
     "Subject: Action required\n\nWe could not process your last payment. Log in to keep your "
     "account: http://billing-update.example"),
    (False,
     "Subject: Receipt\n\nHello Mr Diaz, thank you for your payment of 35.00 EUR. Receipt number "
     "8812. Your gym"),
    (True, "Subject: Cheap meds\n\nCanadian pharmacy, all meds 70% off, no prescription"),
    (False,
     "Subject: Re: flat viewing\n\nGood afternoon, the viewing is on Friday at 17:00, second floor "
     "on the left. Please bring your papers. Kind regards, R. Stein"),
    (True,
     "Subject: Hello\n\nI am Sergeant Miller, I found gold worth 12 million USD and need your help "
     "to move it out of the country. You will receive 30%."),
    (False,
     "Subject: Code review\n\nI left two comments on your branch, mostly naming. The test for empty "
     "input is missing. Otherwise it looks good to me."),
    (True,
     "Subject: Your PayWallet account\n\nSuspicious sign-in detected. Confirm your identity within "
     "24 hours to avoid closure. Click here."),
    (False,
     "Subject: Sale at the flea market\n\nHi Jo, the flea market is on again this Sunday, "
     "everything is cheap and Mum wants to sell the old lamp. Coming?"),
    (True,
     "Subject: Grow your business\n\nDear sir, we are a leading supplier of LED lights from "
     "overseas, best price and quality guaranteed. Please send us your inquiry."),
    (False,
     "Subject: Newsletter of the allotment club\n\nDear members, the water is turned on again on 3 "
     "April. Seeds can be ordered together as every year. The committee"),
    (True, "Claim your free bonus now, only today, click the link"),
    (False, "Can you pick up the kids at four? I'm stuck in traffic."),
    (False,
     "Subject: New sign-in to your account\n\nHi Lea, a new sign-in to your account was seen from "
     "Hamburg. If this was you, there is nothing to do."),
)
SENTIMENTS = (
    ("positive", "My headphones sound crisp and sit comfortably even after hours. Five stars."),
    ("negative", "The zip tore on the second day and the shop refuses to exchange it."),
    ("mixed", "The screen is gorgeous, but the speakers are awful."),
    ("negative", "I have rarely been so disappointed by a washing machine."),
    ("positive", "Works like a charm, my mother uses it every morning."),
    ("positive", "I was sceptical, but this mixer has won me over completely."),
    ("negative", "Don't buy this. It overheats and the fan screams."),
    ("neutral", "The cable is two metres long and has a white plug."),
    ("negative", "Oh wonderful, another update that deletes all my recipes."),
    ("negative", "Not worth it."),
    ("positive", "Not a single complaint after two years."),
    ("mixed", "Lovely design and great price. Unfortunately the motor gave up after a month, which is a pity."),
    ("negative", "The courier left my parcel in the rain. The toaster inside was ruined."),
    ("positive", "The staff went out of their way to help me. I'm grateful."),
    ("negative", "I'd give zero stars if I could."),
    ("positive", "It never lets me down."),
    ("negative", "The app doesn't do anything it's supposed to."),
    ("neutral", "I bought it for my brother. He lives in Graz."),
    ("negative", "It isn't as quiet as advertised and the filter is not easy to change."),
    ("positive", "Super quick delivery, well packed, works. Thanks!"),
    ("mixed", "Installation was painless, yet the picture quality is a letdown."),
    ("negative", "Five hours of charging for ten minutes of vacuuming. Genius."),
    ("positive", "What a lovely little radio! The sound fills the room."),
    ("negative", "Save your money."),
    ("negative", "The kettle is fine until you try to pour. Then you have tea on your trousers."),
    ("positive", "I can't recommend this shop enough."),
    ("positive", "Customer service replaced the broken lid without any discussion. Excellent."),
    ("negative", "Would be nice if it actually turned on."),
    ("neutral", "Is there a version with a longer cord?"),
    ("mixed", "The vacuum is strong and light, however the dustbin is tiny and the filter clogs constantly."),
    ("positive", "Even my grandfather could set up the doorbell. Brilliant little device."),
    ("negative", "After two months the display went black and the warranty people ignored me."),
    ("mixed", "The picture is superb. The remote control, however, feels cheap and loses its connection."),
    ("negative", "It squeaks, it wobbles, and the paint comes off."),
    ("positive", "No regrets. I use it daily and it hasn't failed me."),
    ("negative", "I am not impressed."),
    ("positive", "Exactly as described, arrived on time, good quality."),
    ("neutral", "The lid is made of steel, the handle of wood."),
    ("negative", "Fantastic, now I own the most expensive paperweight in town."),
    ("negative", "Thanks for nothing."),
    ("positive", "Don't hesitate, this oven is worth every cent."),
    ("negative", "I wanted to like it, but it simply doesn't clean."),
    ("mixed", "Cooks well and looks elegant, but the timer is useless and the beeping drives me mad."),
    ("negative", "Customer support promised a call back. That was in June."),
    ("positive",
     "The hinge was loose on arrival; they sent a new one at once, and now everything works perfectly."),
    ("negative", "My neighbours can hear this dishwasher. They live across the street."),
    ("positive", "So quiet that I forget it is running."),
    ("negative", "The worst part isn't even the noise, it's the smell."),
    ("neutral", "I ordered the grey one in March and the blue one in May."),
    ("negative", "Overall an unpleasant experience from start to finish."),
)
URGENCIES = (
    ("high", "There is water running out of the machine into the socket, and the fuse keeps blowing. Help!"),
    ("medium", "My dishwasher shows error 14 and will not drain. Could you send a technician?"),
    ("low", "Which bags fit the X200 vacuum?"),
    ("high", "I can't access my account and my flight tickets invoice is needed by tonight."),
    ("medium", "I ordered two lamps and received one. Please send the missing one."),
    ("low", "Thanks for the great service, just wanted to let you know."),
    ("high", "Someone logged into my account and changed the delivery address."),
    ("high", "The charger gets extremely hot and smells burnt."),
    ("medium", "I've been waiting for my refund for three weeks. Please reply."),
    ("low", "Will the white version come back into stock?"),
    ("high", "Our fridge has failed and it holds my son's insulin."),
    ("medium", "The remote control stopped responding. How do I get a replacement under warranty?"),
    ("low", "Could you tell me the dimensions of the box?"),
    ("high", "You debited my account twice and I can't pay my rent."),
    ("low", "No rush at all, but could you send me the manual again?"),
    ("high", "The heater caught fire last night, luckily nobody was hurt. What shall I do with it?"),
    ("high", "My card was charged for six orders that I didn't place. Stop them now!"),
    ("medium", "The tracking says delivered, but nothing is here. Can you check?"),
    ("low", "Do you ship to Norway?"),
    ("low", "What is the difference between the two models?"),
    ("medium", "The handle broke off after a week, I'd like a replacement."),
    ("high",
     "We move out tomorrow and the washing machine you sold us blocks the door. You must pick it up today!"),
    ("low", "I love the new catalogue, thank you for sending it."),
    ("medium", "The coupon code doesn't work, please help."),
    ("low", "It's not important, but there is a typo on your page."),
)
