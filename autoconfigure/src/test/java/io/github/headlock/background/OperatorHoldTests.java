package io.github.headlock.background;

import java.sql.Connection;
import java.time.Duration;

import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds that an operator has written into the table, for longer than any process does.
 */
@Tag("every-postgresql")
class OperatorHoldTests {

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 100);

	@ParameterizedTest
	@ValueSource(strings = { "'9999-12-31'", "now() + interval '300 years'" })
	void aHoldForCenturiesIsOne(String until) throws Exception {
		assertThat(pause(until)).isGreaterThan(Duration.ofDays(100_000));
	}

	@Test
	void aHoldThatHasEndedLongAgoIsNone() throws Exception {
		assertThat(pause("'0001-01-01'")).isLessThanOrEqualTo(Duration.ZERO);
	}

	private Duration pause(String until) throws Exception {
		BackgroundDefinition definition = Customers.definition(Customers.COUNT_UP);
		this.customers.register(definition);
		this.database.execute("UPDATE flyway_schema_history_background SET held_because = 'a sale', "
				+ "hold_kind = 'application', held_since = now(), held_until = " + until);
		BackgroundWork work = this.customers.work(definition);
		try (Connection connection = this.customers.connect()) {
			return work.pause(connection, this.customers.progress());
		}
	}

}
