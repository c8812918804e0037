-- Remove the limits of orders.state
alter table "p_golden"."orders" drop constraint "ck_t_orders_c_state";

-- Remove the limits of orders.code
alter table "p_golden"."orders" drop constraint "ck_t_orders_c_code";

-- Add the column paid to orders
alter table "p_golden"."orders" add column "paid" boolean default false constraint "nn_t_orders_c_paid" not null;

-- Change the default of orders.code
alter table "p_golden"."orders" alter column "code" set default 'none';

-- Widen orders.total to numeric(14, 4)
alter table "p_golden"."orders" alter column "total" type numeric(14, 4);

-- Change the default of orders.state
alter table "p_golden"."orders" alter column "state" set default 'open';

-- Allow empty orders.note
alter table "p_golden"."orders" alter column "note" drop not null;

-- Keep which rows of orders had no code
alter table "p_golden"."orders" add column "_f_2_c_code" text;

-- Keep the times of the last changes in orders
alter table "p_golden"."orders" disable trigger touch;

-- Fill empty orders.code with its default
update "p_golden"."orders" set "_f_2_c_code" = 'none' where "code" is null;

-- Fill empty orders.code with its default
update "p_golden"."orders" set "code" = "_f_2_c_code" where "code" is null;

-- Note the times of changes in orders again
alter table "p_golden"."orders" enable trigger touch;

-- Require orders.code
alter table "p_golden"."orders" add constraint "nn_t_orders_c_code" not null "code";

-- Require orders.total
alter table "p_golden"."orders" add constraint "nn_t_orders_c_total" not null "total";

-- Add the limits of orders.code
alter table "p_golden"."orders" add constraint "ck_t_orders_c_code" check ((char_length("code") <= 40));

-- Add the limits of orders.state
alter table "p_golden"."orders" add constraint "ck_t_orders_c_state" check (("state" in ('done', 'late', 'open')));
