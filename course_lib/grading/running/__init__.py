"""Notebooks run: to be built, to be checked, to be graded.

    grade           a folder of submissions; grade_one: one of them; mark_book: what is done stays done
    workers         pytest sessions that grade one after another (long_session, worker_process); cluster: on other machines
    nbval_plugin    the graded run; trusted_run: the author's; witness: the only API and clock of a graded run
    execution       a notebook from top to bottom; checking: `course check`
"""
