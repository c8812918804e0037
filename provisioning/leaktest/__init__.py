"""The leak test: invented people try to reach each other's rows in a live project, and nothing of it stays.

One transaction, rolled back at its end, holds rows of two invented people in every table. The second one then tries to
read, change, add, link to and find out about the rows of the first, with the rights that members have. Others try from
outside of the project's roles. Beside these attempts, the live catalog is checked for what makes such a leak likely.

What it does not try, because PostgreSQL has no answer to it: whoever may send SQL text of their own through a door can
write other claims and leave the role, so no page and no API call of the product takes SQL. And whoever knows the id or
a unique value of a hidden row learns from a refused duplicate that it is taken.
"""
