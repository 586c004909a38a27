package io.github.headlock.background;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Declarations in SQL files, and what is refused in them.
 */
class DeclarationFileTests {

	@Test
	void allSettingsAreRead() {
		BackgroundDefinition definition = Customers.definition("""
				-- Fills the new column.
				-- headlock: table = sales."Customer"
				-- headlock: since = 1.10
				-- headlock: where = full_name IS NULL -- not yet
				-- headlock: key = tenant, "Id"
				-- headlock: alias = c
				UPDATE sales."Customer" c SET full_name = 'a;${batch}' /* ${batch} ; */ WHERE ${batch};
				""");
		assertThat(definition.name()).isEqualTo("backfill");
		assertThat(definition.table()).isEqualTo("sales.\"Customer\"");
		assertThat(definition.since()).hasToString("1.10");
		assertThat(definition.where().text()).isEqualTo("full_name IS NULL -- not yet");
		assertThat(definition.key()).isEqualTo(List.of("tenant", "Id"));
		assertThat(definition.alias()).isEqualTo("c");
		assertThat(definition.effect().text()).startsWith("-- Fills").endsWith("WHERE ${batch}");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			// replaced in the example | by | what is said
			"-- headlock: table = customer | -- no table | table is missing",
			"table = customer | table = | table is missing",
			"table = customer | table = a.b.c | table = a.b.c is no name of a table",
			"table = customer | table = customer c | table = customer c is no name of a table",
			"since = 1 | since = latest | since = latest is no schema version",
			"-- headlock: since = 1 | -- none | since is missing",
			"-- headlock: where = full_name IS NULL | -- none | where is missing",
			"where = full_name IS NULL | where = full_name IS NULL) OR (true | is no condition",
			"where = full_name IS NULL | where = full_name IS NULL; | is no condition",
			"where = full_name IS NULL | where = ${condition} | where has the placeholder ${condition}",
			"where = full_name IS NULL | wher = full_name IS NULL | is not understood",
			"where = full_name IS NULL | where: full_name IS NULL | is not understood",
			"since = 1 | table = other | table is given twice",
			"WHERE ${batch} | WHERE true | its statement has no ${batch}",
			"WHERE ${batch} | WHERE full_name = '${batch}' | its statement has no ${batch}",
			"WHERE ${batch} | WHERE true -- ${batch} | its statement has no ${batch}",
			"WHERE ${batch} | WHERE ${batch} AND ${batch} | its statement has ${batch} 2 times",
			"WHERE ${batch} | WHERE ${batch} AND id > ${least} | has the placeholder ${least}",
			"WHERE ${batch} | WHERE ${batch}; DELETE FROM customer | more than one statement",
			"WHERE ${batch} | WHERE ${batch} RETURNING id | its statement returns rows",
			"UPDATE customer SET | INSERT INTO customer SELECT | neither an UPDATE nor a DELETE",
			"UPDATE customer SET | WITH c AS (SELECT 1) SELECT | neither an UPDATE nor a DELETE" })
	void mistakesAreNamed(String part, String by, String problem) {
		assertThat(Customers.COUNT_UP).contains(part);
		assertThatExceptionOfType(InvalidBackgroundMigrationException.class)
			.isThrownBy(() -> Customers.definition(Customers.COUNT_UP.replace(part, (by != null) ? by : "")))
			.withMessageContaining("The declaration in backfill.sql is not valid: ")
			.withMessageContaining(problem)
			.satisfies((failure) -> assertThat(failure.getAction()).isNotBlank());
	}

	@ParameterizedTest
	@CsvSource({ "Backfill.sql", "back-fill.sql", ".sql" })
	void namesAreIdentities(String filename) {
		assertThatExceptionOfType(InvalidBackgroundMigrationException.class)
			.isThrownBy(() -> DeclarationFile.parse(filename, filename, Customers.COUNT_UP))
			.withMessageContaining("its name has other characters");
	}

	@Test
	void questionMarksOutsideOfQuotesAreOperators() {
		SqlText text = SqlText.of("a ? 'x?' AND b ?| c -- ?\n AND $$?$$ <> \"?\"");
		assertThat(text.forDriver(0, text.text().length()))
			.isEqualTo("a ?? 'x?' AND b ??| c -- ?\n AND $$?$$ <> \"?\"");
	}

}
