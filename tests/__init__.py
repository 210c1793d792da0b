"""The tests mirror the modules of `course_lib`; `house` holds what is true of the project as a whole."""
