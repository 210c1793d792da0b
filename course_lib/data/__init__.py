"""The course's own data sets, each with its truth and its licence (CC BY 4.0), and the table of models and prices.

    emails      spam or not                     posts     which of four moderation checks a post fails
    reviews     customer reviews and tickets    snippets  programs and what a reviewer finds in them
    documents   three long ones, in chapters    models    names and prices of models, with their date

>>> len(emails()), len(reviews()), len(posts()), len(documents()), len(snippets())
(60, 120, 200, 3, 20)
"""

from course_lib.data.documents import Document, documents
from course_lib.data.emails import Email, emails
from course_lib.data.posts import Post, posts
from course_lib.data.reviews import Review, reviews
from course_lib.data.snippets import Snippet, snippets

__all__ = ["Document", "Email", "Post", "Review", "Snippet", "documents", "emails", "posts", "reviews", "snippets"]
