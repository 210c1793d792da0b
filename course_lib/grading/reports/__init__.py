"""What people read after grading.

    report_files     everything in one folder; student_words: every word of a student's page, as data
    overview         the instructor's page, with class_summary and class_figures; feedback_page, feedback_text: the student's
    grades_table     grades, also as lms_tables and junit_report; web_page: one look for all pages
"""
