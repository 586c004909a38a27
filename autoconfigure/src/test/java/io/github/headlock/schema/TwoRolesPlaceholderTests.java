package io.github.headlock.schema;

import java.nio.file.Path;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Repeatable migrations with placeholders whose values only the process that migrates
 * has, seen by one with another role that skips migrations.
 */
@ExtendWith(OutputCaptureExtension.class)
class TwoRolesPlaceholderTests {

	private final TestDatabase database = TestDatabase.create();

	private final String reader = this.database.name() + "_reader";

	private final TestMigrations migrations;

	TwoRolesPlaceholderTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeEach
	void role() {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.database.execute("CREATE ROLE %s LOGIN".formatted(this.reader));
	}

	@Test
	void theNameOfTheRoleIsThatOfTheRoleThatMigrated() {
		this.migrations.file("R__grant.sql", "COMMENT ON TABLE a IS 'owned by ${flyway:user}'");
		migrator().startAndStop();
		grant();
		assertThat(skipping().state()).isEqualTo(SchemaState.AT_HEAD);

		this.migrations.file("R__grant.sql", "COMMENT ON TABLE a IS 'belongs to ${flyway:user}'");
		SchemaStatus changed = skipping();
		assertThat(changed.state()).isEqualTo(SchemaState.BEHIND);
		assertThat(changed.reason()).isEqualTo("repeatable migration \"grant\" has changed");
	}

	@Test
	void withAnotherInstalledByARowIsEnough() {
		this.migrations.file("R__grant.sql", "COMMENT ON TABLE a IS 'owned by ${flyway:user}'");
		migrator().with("spring.flyway.installed-by", "deployment").startAndStop();
		grant();
		assertThat(replica().with("spring.flyway.installed-by", "deployment").startAndStop().status().state())
			.isEqualTo(SchemaState.AT_HEAD);
	}

	@Test
	void aTextWithAPlaceholderThatHasNoValueHereIsNotCompared(CapturedOutput output) {
		this.migrations.file("R__tenant.sql",
				"COMMENT ON TABLE a IS '${tenant}, ${flyway:database}, ${flyway:filename}'");
		this.migrations.file("R__other.sql", "SELECT '${flyway:database}'");
		migrator().with("spring.flyway.placeholders.tenant", "north").startAndStop();
		grant();
		assertThat(skipping().state()).isEqualTo(SchemaState.AT_HEAD);
		assertThat(output)
			.containsOnlyOnce("Not compared with what was applied, because a placeholder has no value in this process: "
					+ "[R__tenant.sql]");

		this.migrations.file("R__other.sql", "SELECT 'changed'");
		assertThat(skipping().reason()).isEqualTo("repeatable migration \"other\" has changed");
		this.database.execute("DELETE FROM flyway_schema_history WHERE description = 'tenant'");
		assertThat(skipping().pending()).isEqualTo(2);
	}

	@Test
	void theCaseOfAPlaceholdersLettersDoesNotMatter() {
		this.migrations.file("R__tenant.sql", "COMMENT ON TABLE a IS '${TENANT} ${Flyway:USER} old'");
		this.migrations.file("R__other.sql", "COMMENT ON TABLE a IS '${tenant}'");
		migrator().with("spring.flyway.placeholders.tenant", "north").startAndStop();
		grant();
		Replica replica = replica().with("spring.flyway.placeholders.tenant", "north");
		assertThat(replica.startAndStop().status().state()).isEqualTo(SchemaState.AT_HEAD);
		this.migrations.file("R__tenant.sql", "COMMENT ON TABLE a IS '${TENANT} ${Flyway:USER} new'");
		assertThat(replica.startAndStop().status().reason()).isEqualTo("repeatable migration \"tenant\" has changed");
	}

	@Test
	void whereAScriptsPlaceholdersAreNotReplacedItsTextIsCompared() {
		this.migrations.file("R__tenant.sql.conf", "placeholderReplacement=false");
		this.migrations.file("R__tenant.sql", "COMMENT ON TABLE a IS '${none} old'");
		migrator().startAndStop();
		grant();
		assertThat(skipping().state()).isEqualTo(SchemaState.AT_HEAD);
		this.migrations.file("R__tenant.sql", "COMMENT ON TABLE a IS '${none} new'");
		assertThat(skipping().reason()).isEqualTo("repeatable migration \"tenant\" has changed");
	}

	private void grant() {
		this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.reader);
	}

	private Replica migrator() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private Replica replica() {
		return migrator().with("spring.datasource.username", this.reader).with("headlock.skip-migrations", true);
	}

	private SchemaStatus skipping() {
		return replica().startAndStop().status();
	}

}
