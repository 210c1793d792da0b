"""Who handed in what, whatever the collection's layout.

    handed_in     one entry per student and exercise; gathering, found_files, zipped: where the files are
    owners        whose file it is; lms_names, exercise_names: what names tell; recognising: what answer cells tell
    resubmissions which of several counts; safe_names: any student's name as a file's name
"""
