package io.github.headlock.security;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a migration is warned of that other roles could do to it.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class PrivilegeWarningsTests {

	private static final String WARNING = "What other roles could do to this migration";

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	PrivilegeWarningsTests() {
		this.database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC",
				"GRANT CREATE ON SCHEMA public TO " + this.roles.migrator());
	}

	@Test
	void whereNobodyElseMayCreateThereIsNoWarning(CapturedOutput output) {
		replica().startAndStop();
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void whoMayCreateIsNamedWithTheStatementThatEndsIt(CapturedOutput output) {
		this.database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC, \"%s\"".formatted(this.roles.application()));
		replica().startAndStop();
		String statement = "REVOKE CREATE ON SCHEMA public FROM PUBLIC, %s;".formatted(this.roles.application());
		assertThat(output).containsOnlyOnce(WARNING + ": other roles may create objects in schema public,")
			.contains(statement);
		this.database.execute(statement);
		replica().with("headlock.fast-path", "off").startAndStop();
		assertThat(output).containsOnlyOnce(WARNING);
	}

	@Test
	void anotherOwnerOfTheHistoryTableIsNamed(CapturedOutput output) {
		replica().startAndStop();
		assertThat(output).doesNotContain(WARNING);
		this.database.execute("ALTER TABLE flyway_schema_history OWNER TO \"%s\"".formatted(this.roles.application()),
				"GRANT ALL ON flyway_schema_history TO " + this.roles.migrator());
		replica().startAndStop();
		assertThat(output).as("at head").doesNotContain(WARNING);
		replica().with("headlock.fast-path", "off").startAndStop();
		String statement = "ALTER TABLE \"public\".\"flyway_schema_history\" OWNER TO %s;"
			.formatted(this.roles.migrator());
		assertThat(output)
			.containsOnlyOnce(
					WARNING + ": \"public\".\"flyway_schema_history\" belongs to role " + this.roles.application())
			.contains(statement);
		this.database.execute(statement);
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "basic");
	}

}
