CREATE TABLE of_all (id int);
