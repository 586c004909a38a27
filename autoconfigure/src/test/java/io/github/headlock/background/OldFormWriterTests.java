package io.github.headlock.background;

import java.sql.Connection;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An older release that still writes rows in the old form during the passes of a
 * background migration.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class OldFormWriterTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private static final int ROWS = 2_500;

	private final TestDatabase database = TestDatabase.create();

	/** A row each time, behind the batches of the pass. */
	@Test
	void itIsFinishedWhenNobodyWritesSuchRowsAnyMore(CapturedOutput output) throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP);
		int written = 0;
		try (Connection connection = customers.connect()) {
			while (customers.progress().pass() <= 6) {
				written++;
				Statements.update(connection, "INSERT INTO customer (id, first_name) VALUES (?, 'old')", -written);
				assertThat(work.step(connection).kind()).isNotEqualTo(Kind.ENDED);
				assertThat(customers.progress().state()).isEqualTo(BackgroundState.RUNNING);
			}
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains("WARN") && line.contains("PassEnd")))
			.singleElement()
			.asString()
			.contains("Background migration \"backfill\": pass 3 has ended after ")
			.endsWith(": something still writes rows in the old form. Does an older release run?");
		customers.finish(COUNT_UP, Customers.settings());
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(customers.count("full_name IS NOT NULL AND times = 1")).isEqualTo(ROWS + written);
		assertThat(customers.progress().rowsChanged()).isEqualTo(ROWS + written);
	}

	/** Of which the look sees only those whose transactions have ended. */
	@Test
	void rowsOfAnOpenTransactionAreFoundByTheNextLook() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP);
		try (Connection connection = customers.connect();
				Connection old = this.database
					.inTransaction("INSERT INTO customer (id, first_name) VALUES (-1, 'old')")) {
			customers.finish(COUNT_UP, Customers.settings());
			assertThat(work.isNeeded(connection, Customers.settings().lookTimeout())).isFalse();
			old.commit();
			assertThat(work.isNeeded(connection, Customers.settings().lookTimeout())).isTrue();
		}
	}

}
