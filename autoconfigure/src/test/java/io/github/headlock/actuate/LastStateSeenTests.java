package io.github.headlock.actuate;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The health of the schema after passwords were changed under a running application, and
 * where nobody may be asked any more: the last state that was seen stands.
 */
class LastStateSeenTests extends ChangedPasswordSituation {

	@Test
	void theLastStateSeenStandsIfTheApplicationMayNotReadTheHistory() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
	}

	@Test
	void theLastStateSeenIsNotThatOfTheStart() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			change(this.migrator);
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			assertThat((String) health(context).getDetails().get("reason")).contains("Last state seen");
		}
	}

	@Test
	void aDatabaseOfThatNameOnAnotherServerIsNotAsked() {
		TestDatabase other = TestDatabase.create();
		other.execute("CREATE DATABASE " + this.database.name());
		Replica replica = twoRoles().with("spring.datasource.username", "postgres")
			.with("spring.datasource.url", other.url().replaceFirst("[^/]*$", this.database.name()));
		try (ConfigurableApplicationContext context = replica.start()) {
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
		finally {
			other.execute("DROP DATABASE %s WITH (FORCE)".formatted(this.database.name()));
		}
	}

	@Test
	void anApplicationThatMayNotAskWhichServerItIsIsNotRead() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application,
					"REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
	}

	@Test
	void aServerThatDoesNotSayWhichOneItIsIsNotAskedOverTheApplication() {
		this.database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			change(this.migrator);
			assertTellsTheLastStateSeen(health(context));
		}
	}

	@Test
	void bothPasswordsChangedAreDown() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			change(this.migrator);
			change(this.application);
			Health health = look(context);
			assertThat(health.getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.getDetails()).containsEntry("state", "UNKNOWN");
		}
	}

	private static void assertTellsTheLastStateSeen(Health health) {
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("state", "AT_HEAD").containsEntry("currentVersion", "3");
		assertThat((String) health.getDetails().get("reason"))
			.startsWith("Last state seen. Flyway's credentials are refused, and the application's data source "
					+ "cannot read the history table: ");
	}

}
