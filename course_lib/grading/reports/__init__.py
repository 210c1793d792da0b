"""What people read after grading.

    report_files     everything in one folder; student_words: every word of a student's page, as data
    overview         the instructor's page; feedback_page: the student's; web_page: their templates, one look for all
    grades_table     grades, also for Canvas and Moodle; junit_report: for CI systems
"""
