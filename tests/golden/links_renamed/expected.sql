-- Free the name of the table contacts
alter table "p_golden"."contacts" rename to "_t_t_contacts";

-- Free the name of the table tags
alter table "p_golden"."tags" rename to "_t_t_tags";

-- Free the name of the table contacts_tags
alter table "p_golden"."contacts_tags" rename to "_t_j_1c0c220008c0e08c7b2c";

-- Call the table contacts people
alter table "p_golden"."_t_t_contacts" rename to "people";

-- Call the table tags labels
alter table "p_golden"."_t_t_tags" rename to "labels";

-- Call the table contacts_tags people_topics
alter table "p_golden"."_t_j_1c0c220008c0e08c7b2c" rename to "people_topics";
