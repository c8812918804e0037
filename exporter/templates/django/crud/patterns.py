"""What texts look like, in the syntax that Python and PostgreSQL have in common."""

EMAIL = r"\A[^@ \t\n\r]+@[^@ \t\n\r]+[.][^@ \t\n\r]+\Z"
PHONE = r"\A[+(0-9][0-9 ()/.x#*-]{2,39}\Z"
INTERNATIONAL_PHONE = r"\A[+][1-9][0-9]{2,14}\Z"
WEB_ADDRESS = r"\A[Hh][Tt][Tt][Pp][Ss]?://[^ \t\n\r]+\Z"
