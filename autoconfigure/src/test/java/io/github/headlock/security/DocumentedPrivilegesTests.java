package io.github.headlock.security;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The statements that the documentation prints for the two roles, run as printed but for
 * their names, in a database that lets every role create objects in {@code public}, as up
 * to PostgreSQL 14.
 */
@Tag("every-postgresql")
class DocumentedPrivilegesTests {

	private static final String TRUST = "What other roles could do to this migration: ";

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	private final TestDatabase database = TestDatabase.create();

	private final String migrator = "migrator_" + this.database.name();

	private final String application = "application_" + this.database.name();

	private final TestMigrations migrations;

	DocumentedPrivilegesTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeEach
	void openTheSchema() {
		this.database.execute("GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC");
	}

	@Test
	void onKubernetesTheApplicationCreatesNothingAndOnlyReadsTheHistory() throws Exception {
		Section section = DocumentationPage.read("kubernetes.md").section("Before the first release");
		String[] names = { "parcels_migrator", this.migrator, "parcels_application", this.application };
		this.database.execute(section.nextSql(names));
		this.migrations.file("V1__a.sql", section.nextSql(names) + ";\nCREATE TABLE parcel (id serial, name text)");
		assertThat(migrate()).noneMatch((line) -> line.startsWith(TRUST));
		assertCannotCreateIn("public");
		assertOnlyReads("flyway_schema_history");
		asApplication("INSERT INTO parcel (name) VALUES ('x')");
		// a history table that came otherwise
		this.database.execute("GRANT ALL ON flyway_schema_history TO " + this.application,
				"GRANT SELECT ON flyway_schema_history TO " + this.application);
		asApplication("UPDATE flyway_schema_history SET description = 'forged'");
		this.database.execute(section.nextSql(names));
		assertOnlyReads("flyway_schema_history");
	}

	@Test
	void theStatementOfTheWarningEndsIt() throws Exception {
		createRoles();
		this.database.execute("GRANT CREATE ON SCHEMA public TO " + this.migrator);
		asApplication("CREATE FUNCTION planted() RETURNS int LANGUAGE sql AS 'SELECT 1'");
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int)");
		Section section = DocumentationPage.read("reference.md").section("Untrusted roles");
		Pattern warning = section.nextLog();
		assertThat(migrate()).anyMatch((line) -> warning.matcher(line).matches());
		Matcher statement = Pattern.compile("REVOKE [^;]+;").matcher(warning.pattern());
		assertThat(statement.find()).isTrue();
		this.database.execute(statement.group());
		this.migrations.file("V2__b.sql", "CREATE TABLE depot (id int)");
		assertThat(migrate()).noneMatch((line) -> line.startsWith(TRUST));
		assertCannotCreateIn("public");
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> asApplication("INSERT INTO flyway_schema_history SELECT 1"))
			.returns(INSUFFICIENT_PRIVILEGE, SQLException::getSQLState);
	}

	@Test
	void inASchemaOfTheMigratorsOwnNobodyElseCreatesAnything() throws Exception {
		createRoles();
		DocumentationPage page = DocumentationPage.read("reference.md");
		Section privileges = page.section("Privileges");
		Section ownSchema = page.section("Untrusted roles");
		String[] names = { "shop_migrator", this.migrator, "shop_application", this.application, "shop",
				this.database.name() };
		String schemaPrivileges = privileges.nextSql(names);
		String readHistory = privileges.nextSql(names);
		this.database.execute(ownSchema.nextSql(names), schemaPrivileges);
		assertThat(ownSchema.rest()).hasSize(1);
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int)");
		assertThat(migrate()).noneMatch((line) -> line.startsWith(TRUST));
		this.database.execute(readHistory);
		assertCannotCreateIn(this.database.name());
		assertOnlyReads(this.database.name() + ".flyway_schema_history");
		asApplication("CREATE FUNCTION public.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'");
		assertThat(this.database.value("SELECT pg_catalog.array_to_string(setconfig, ',') FROM pg_db_role_setting "
				+ "WHERE setrole = ?::regrole", this.migrator))
			.isEqualTo("search_path=" + this.database.name());
	}

	private void createRoles() {
		this.database.execute("CREATE ROLE %s LOGIN".formatted(this.migrator),
				"CREATE ROLE %s LOGIN".formatted(this.application));
	}

	/** What Headlock logs meanwhile. */
	private List<String> migrate() {
		try (HeadlockLog log = HeadlockLog.open()) {
			assertThat(Replica.of(this.database.url(), "none")
				.with("spring.flyway.locations", this.migrations.location())
				.with("spring.flyway.baseline-on-migrate", true)
				.with("spring.flyway.baseline-version", "0")
				.with("spring.datasource.username", this.application)
				.with("spring.flyway.url", this.database.url())
				.with("spring.flyway.user", this.migrator)
				.with("spring.flyway.password", "")
				.startAndStop()
				.migrations()).isOne();
			return log.messages();
		}
	}

	private void assertCannotCreateIn(String schema) {
		for (String object : new String[] { "TABLE %s.t (id int)", "VIEW %s.v AS SELECT 1", "DOMAIN %s.d AS int",
				"FUNCTION %s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
				"OPERATOR %s.~~~ (LEFTARG = int, RIGHTARG = int, FUNCTION = pg_catalog.int4eq)" }) {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> asApplication("CREATE " + object.formatted(schema)))
				.returns(INSUFFICIENT_PRIVILEGE, SQLException::getSQLState);
		}
	}

	private void assertOnlyReads(String history) throws SQLException {
		asApplication("SELECT * FROM " + history);
		for (String write : new String[] { "INSERT INTO %s SELECT * FROM %1$s", "UPDATE %s SET success = true",
				"DELETE FROM %s", "TRUNCATE %s",
				"CREATE TRIGGER t AFTER INSERT ON %s EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()" }) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> asApplication(write.formatted(history)))
				.returns(INSUFFICIENT_PRIVILEGE, SQLException::getSQLState);
		}
	}

	private void asApplication(String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(this.database.url(), this.application, "");
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
