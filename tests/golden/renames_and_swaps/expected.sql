-- Free the name of the table leads
alter table "p_golden"."leads" rename to "_t_t_leads";

-- Free the name of the table deals
alter table "p_golden"."deals" rename to "_t_t_deals";

-- Call the table leads deals
alter table "p_golden"."_t_t_leads" rename to "deals";

-- Call the table deals leads
alter table "p_golden"."_t_t_deals" rename to "leads";

-- Free the name of the column first of deals
alter table "p_golden"."deals" rename column "first" to "_c_c_first";

-- Free the name of the column second of deals
alter table "p_golden"."deals" rename column "second" to "_c_c_second";

-- Free the name of the column title of leads
alter table "p_golden"."leads" rename column "title" to "_c_c_title";

-- Free the name of the column lead_id of leads
alter table "p_golden"."leads" rename column "lead_id" to "_c_c_lead_id";

-- Call the column first of deals second
alter table "p_golden"."deals" rename column "_c_c_first" to "second";

-- Call the column second of deals first
alter table "p_golden"."deals" rename column "_c_c_second" to "first";

-- Call the column title of leads headline
alter table "p_golden"."leads" rename column "_c_c_title" to "headline";

-- Call the column lead_id of leads deal_id
alter table "p_golden"."leads" rename column "_c_c_lead_id" to "deal_id";
