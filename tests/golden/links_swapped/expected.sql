-- Free the name of the table contacts_tags
alter table "p_golden"."contacts_tags" rename to "_t_j_1c0c220008c0e08c7b2c";

-- Free the name of the table contacts_groups
alter table "p_golden"."contacts_groups" rename to "_t_j_447eb7ff2a10cfd8fc92";

-- Call the table contacts_tags contacts_groups
alter table "p_golden"."_t_j_1c0c220008c0e08c7b2c" rename to "contacts_groups";

-- Call the table contacts_groups contacts_tags
alter table "p_golden"."_t_j_447eb7ff2a10cfd8fc92" rename to "contacts_tags";
