"""The course's own data sets, each with its truth and its licence (CC BY 4.0).

>>> len(emails()), len(reviews()), len(posts()), len(documents()), len(snippets())
(60, 120, 200, 3, 20)
"""

from course_lib.data.documents import Document, documents
from course_lib.data.emails import Email, emails
from course_lib.data.posts import Post, posts
from course_lib.data.reviews import Review, reviews
from course_lib.data.snippets import Snippet, snippets

__all__ = ["Document", "Email", "Post", "Review", "Snippet", "documents", "emails", "posts", "reviews", "snippets"]
