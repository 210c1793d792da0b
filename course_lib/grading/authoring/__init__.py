"""From a solution notebook to an exercise that is fit for a course.

    build            solutions executed, exercises and references written; lint, stated_points, unseen_cases: what is wrong
    new_exercise     a solution notebook to start from; shelf: the wrong answers that it must catch
    classroom        a repository for one exercise; classroom_report: its points, told to GitHub
"""
