"""Dates and times as they are written in Flanders: 26 november 2026, 10.42 uur."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "d/m/Y"
TIME_FORMAT = r"G.i \u\u\r"
DATETIME_FORMAT = r"j F Y, G.i \u\u\r"
SHORT_DATETIME_FORMAT = "d/m/Y G.i"
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"]
TIME_INPUT_FORMATS = ["%H:%M", "%H.%M", "%Hu%M"]
FIRST_DAY_OF_WEEK = 1
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\u00a0"
NUMBER_GROUPING = 3
