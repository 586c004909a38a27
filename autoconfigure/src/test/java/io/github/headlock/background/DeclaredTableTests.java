package io.github.headlock.background;

import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whether a statement changes the table that is declared, as far as its text tells.
 */
@Tag("every-postgresql")
class DeclaredTableTests {

	private static final String LONG_NAME = "a_name_of_more_than_sixty_three_bytes_of_which_the_server_cuts_off_the_rest";

	private static SqlEffect effect(String table, String statement) {
		return (SqlEffect) definition(table, statement).effect();
	}

	private static BackgroundDefinition definition(String table, String statement) {
		return Customers.definition("""
				-- headlock: table = %s
				-- headlock: since = 1
				-- headlock: where = done IS NULL
				%s""".formatted(table, statement.replace("\\n", "\n")));
	}

	/** Such a statement would change the rows of the other table again in each pass. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			"customer | UPDATE orders SET name = customer.name FROM customer WHERE orders.customer = customer.id AND ${batch} | orders",
			"customer | DELETE FROM orders USING customer WHERE orders.customer = customer.id AND ${batch} | orders",
			"customer | UPDATE ONLY orders SET done = 1 FROM customer WHERE ${batch} | orders",
			"customer | update only (public.orders) set done = 1 from customer where ${batch} | public.orders",
			"customer | UPDATE/* customer */orders -- customer\\n o SET done = 1 FROM customer WHERE ${batch} | orders",
			"customer | UPDATE \"Customer\" SET done = 1 FROM customer WHERE ${batch} | \"Customer\"",
			"\"Customer\" | UPDATE customer SET done = 1 FROM \"Customer\" WHERE ${batch} | customer",
			"\"my (new) table\" | UPDATE \"my [new] table\" SET done = 1 FROM \"my (new) table\" WHERE ${batch} | \"my [new] table\"",
			"sales.customer | UPDATE archive.customer SET done = 1 FROM sales.customer c WHERE ${batch} | archive.customer",
			"sales.customer | DELETE FROM ONLY \"Sales\" . customer AS a USING sales.customer c WHERE ${batch} | \"Sales\".customer",
			"customer | UPDATE orders * SET done = 1 FROM customer WHERE ${batch} | orders",
			"customer | UPDATE customers SET done = 1 FROM customer WHERE ${batch} | customers",
			"customer | UPDATE onlycustomer SET done = 1 FROM customer WHERE ${batch} | onlycustomer" })
	void aStatementThatChangesAnotherTableIsRefused(String table, String statement, String changed) {
		assertThatExceptionOfType(InvalidBackgroundMigrationException.class)
			.isThrownBy(() -> definition(table, statement))
			.withMessage("The declaration in backfill.sql is not valid: its statement changes %s, but table = %s"
				.formatted(changed, table))
			.satisfies((refusal) -> assertThat(refusal.getAction()).isEqualTo(
					"Write table = %s, with where and key about its rows, or let the statement change %s. What is to be changed in another table together with rows of the table stands in WITH, before or after it."
						.formatted(changed, table)));
	}

	/** The server counts the rows, so that nothing else has to. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			"customer | UPDATE customer SET done = 1 WHERE ${batch}",
			"Customer | update CUSTOMER set done = 1 where ${batch}", "customer | DELETE FROM customer WHERE ${batch}",
			"sales.customer | UPDATE Customer SET done = 1 WHERE ${batch}",
			"customer | UPDATE sales.customer SET done = 1 WHERE ${batch}",
			"sales.customer | UPDATE \"sales\".\"customer\" SET done = 1 WHERE ${batch}",
			"sales.customer | UPDATE ONLY sales /* x */ . -- x\\n customer * SET done = 1 WHERE ${batch}",
			"sales.customer | UPDATE db.sales.customer SET done = 1 WHERE ${batch}",
			"customer | DELETE FROM ONLY(customer)WHERE ${batch}",
			"\"My \"\"Table;\" | UPDATE \"My \"\"Table;\" SET done = 1 WHERE ${batch}",
			"\"update\" | /* all */ UPDATE\"update\" SET done = 1 WHERE ${batch}",
			"\"kÄse\" | UPDATE KÄSE SET done = 1 WHERE ${batch}", "käse | UPDATE KäSE SET done = 1 WHERE ${batch}",
			"\"set\" | UPDATE \"set\" SET done = 1 WHERE ${batch}",
			"customer | UPDATE customer SET done = a OR b FROM other WHERE other.id = customer.id AND ${batch} AND (a OR b)",
			"customer | UPDATE customer SET done = (SELECT 1 FROM b WHERE c OR d) WHERE id > 0 and\\n ${batch}",
			"customer | DELETE FROM customer USING other WHERE EXISTS (SELECT FROM b WHERE c OR d) AND ${batch}",
			"customer\\n-- headlock: alias = c | UPDATE customer c SET done = 1 WHERE ${batch}",
			"customer\\n-- headlock: alias = C | UPDATE customer AS \"c\" SET done = 1 WHERE ${batch}",
			"customer\\n-- headlock: alias = \"set\" | UPDATE customer AS \"set\" SET done = 1 WHERE ${batch}",
			"customer\\n-- headlock: alias = c | DELETE FROM customer * c USING other WHERE ${batch}" })
	void aPlainStatementIsAcceptedAndCountsItsRows(String table, String statement) {
		assertThat(effect(table.replace("\\n", "\n"), statement).matching()).isNull();
	}

	/** What a text does not tell is no reason to refuse it. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "data | UPDATE U&\"d\\0061ta\" SET done = 1 WHERE ${batch}",
					"sales.data | UPDATE sales.U&\"d!0061ta\" UESCAPE '!' SET done = 1 WHERE ${batch}",
					"data\\n-- headlock: alias = dat | UPDATE data U&\"d\\0061t\" SET done = 1 WHERE ${batch}",
					"KÄSE | UPDATE käse SET done = 1 WHERE ${batch}",
					LONG_NAME + "_x | UPDATE " + LONG_NAME + " SET done = 1 WHERE ${batch}",
					"customer | UPDATE customer c SET done = 1 FROM customer WHERE c.id = customer.id AND ${batch}",
					"customer | UPDATE customer SET done = 1 WHERE NOT ${batch}",
					"customer | UPDATE customer SET done = 1 WHERE (${batch})",
					"customer | UPDATE customer SET done = 1 WHERE ${batch} OR id = 7",
					"customer | UPDATE customer SET done = 1 WHERE id = 7 OR id > 0 AND ${batch}",
					"customer | UPDATE customer SET done = CASE WHEN ${batch} THEN 1 END",
					"customer | UPDATE customer SET done = 1 WHERE id IN (SELECT id FROM customer WHERE ${batch})",
					"customer | WITH c AS (SELECT 1) UPDATE orders SET done = 1 FROM customer WHERE ${batch}",
					"customer | WITH c AS (SELECT 1) UPDATE customer SET done = 1 WHERE ${batch}" })
	void rowsAreLookedForWhereTheTextDoesNotTell(String table, String statement) {
		assertThat(effect(table.replace("\\n", "\n"), statement).matching()).isNotNull();
	}

	/** A view has no positions of rows, and its statement may be about other rows. */
	@Test
	void aViewOfTheTableIsRefused() throws Exception {
		TestDatabase database = TestDatabase.create();
		Customers customers = Customers.create(database, 10);
		database.execute("CREATE SCHEMA app",
				"CREATE VIEW app.customer AS SELECT *, full_name AS done FROM public.customer");
		assertThatExceptionOfType(InvalidBackgroundMigrationException.class)
			.isThrownBy(() -> definition("public.customer", "UPDATE app.customer SET full_name = 'x' WHERE ${batch}"));
		customers.run(Customers.definition(Customers.COUNT_UP.replace("UPDATE customer", "UPDATE app.customer")));
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(customers.progress().lastError())
			.isEqualTo("column customer.tableoid does not exist (SQLSTATE 42703)");
	}

	/** Which of them is meant, only the search path tells. */
	@Test
	void aTableOfTheSameNameInAnotherSchemaIsNotChanged() throws Exception {
		TestDatabase database = TestDatabase.create();
		Customers customers = Customers.create(database, 5);
		database.execute("CREATE SCHEMA archive", "CREATE TABLE archive.customer (LIKE customer INCLUDING ALL)",
				"INSERT INTO archive.customer SELECT * FROM customer");
		customers.run(Customers.definition(Customers.COUNT_UP.replace("UPDATE customer", "UPDATE archive.customer")));
		assertThat(database.value("SELECT count(*) FROM archive.customer WHERE times > 0")).isEqualTo("0");
		assertThat(customers.count("times > 0")).isZero();
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(customers.failedRows()).hasSize(5)
			.allMatch((row) -> row.endsWith("the migration does not change the row"));
	}

}
