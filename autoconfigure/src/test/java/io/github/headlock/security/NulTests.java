package io.github.headlock.security;

import java.time.Duration;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.upgrade.UpgradeRefusedException;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/**
 * The character NUL in the configuration, which PostgreSQL has in no text, and which ends
 * a text in its protocol.
 */
@Tag("every-postgresql")
class NulTests {

	private static final String NAME = "a\0b";

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(strings = { "spring.flyway.table", "spring.flyway.default-schema", "spring.flyway.schemas[0]" })
	void aNameWithItIsRefusedAtOnceByTheNameOfItsProperty(String property) {
		assertThatException().isThrownBy(() -> with(property).plain().start().close())
			.havingCause()
			.isInstanceOf(FlywayException.class);
		for (boolean skip : new boolean[] { false, true }) {
			Replica replica = with(property).with("headlock.skip-migrations", skip);
			assertTimeoutPreemptively(Duration.ofMinutes(1),
					() -> assertThatThrownBy(replica::start)
						.hasRootCauseInstanceOf(InvalidConfigurationPropertyValueException.class)
						.rootCause()
						.hasMessageContaining(property)
						.hasMessageContaining("a?b"));
		}
	}

	@Test
	void aRoleWithItIsRefusedByTheNameOfItsProperty() {
		Replica replica = TestRoles.create(this.database)
			.blockingReplica(this.database.url(), "basic")
			.with("headlock.sessions.roles[0]", NAME);
		assertThatThrownBy(replica::start).hasRootCauseInstanceOf(InvalidConfigurationPropertyValueException.class)
			.rootCause()
			.hasMessageContaining("headlock.sessions.roles")
			.hasMessageContaining("a?b");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
	}

	/** Operators are told both, and PostgreSQL neither. */
	@Test
	void aRequiredStopWithItIsShownWithoutIt() {
		Replica.of(this.database.url(), "basic").with("spring.flyway.target", "1").startAndStop();
		assertThatThrownBy(() -> with("headlock.required-stops[0].release")
			.with("headlock.required-stops[0].reason", "because " + NAME)
			.with("headlock.required-stops[0].schema-version", "2")
			.start()).hasRootCauseInstanceOf(UpgradeRefusedException.class)
			.rootCause()
			.hasMessageContaining("Release a?b, with schema version 2, must be installed first: because a?b");
	}

	@Test
	void initialSqlWithItIsRefusedByTheNameOfItsProperty() {
		assertThatThrownBy(() -> with("spring.flyway.init-sqls[0]").start()).rootCause().message().doesNotContain("\0");
		assertThatThrownBy(() -> with("spring.flyway.init-sqls[0]").start())
			.hasMessageContaining("spring.flyway.init-sqls");
	}

	private Replica with(String property) {
		return Replica.of(this.database.url(), "basic").with(property, NAME);
	}

}
