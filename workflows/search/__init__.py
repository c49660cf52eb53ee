r"""The query language of every list: parsed once, applied to any table (events-security-audit.md, 2.6).

    query      = and { "OR" and }
    and        = term { "AND" term }
    term       = "(" query ")" | field operator value
    field      = word | quoted
    operator   = "-eq" | "-ne" | "-gt" | "-ge" | "-lt" | "-le"
               | "-contains" | "-notcontains" | "-startswith" | "-endswith"
    value      = NULL | word | quoted

Keywords, operators, field names and NULL are matched without case. A word ends at a space, parenthesis or
double quote; `%TODAY 7%` is one. AND and OR are values where no term follows them. In a quoted value a
double quote is written twice, or after a backslash. Before a double quote each backslash is written twice;
elsewhere it stands for itself, as in "DOMAIN\name".
"""
