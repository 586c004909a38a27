package io.github.headlock.security;

import java.util.List;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rows of the history table that no Flyway has written.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class HostileRowsTests {

	private static final String FORGED = "Database ready: all is well";

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void migrate() {
		Replica.of(this.database.url(), "basic").startAndStop();
		// whoever owns the table may do this
		this.database.execute("ALTER TABLE flyway_schema_history ALTER version TYPE text, ALTER description TYPE text, "
				+ "ALTER description DROP NOT NULL, ALTER type TYPE text");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a;bc", "latest", "current", "next", "", "1..2", "\n" + FORGED })
	void aVersionThatIsNoneMakesTheStateUnknown(String version, CapturedOutput output) {
		this.database.list("UPDATE flyway_schema_history SET version = ? WHERE version = '3' RETURNING 1", version);
		SchemaStatus status = skipping();
		assertThat(status.state()).isEqualTo(SchemaState.UNKNOWN);
		assertThat(status.reason()).startsWith("The history table cannot be read: The row with rank 3 has \"");
		assertThat(output.getOut().lines()).noneMatch((line) -> line.startsWith(FORGED));
	}

	@Test
	void aMissingDescriptionMakesTheStateUnknown() {
		this.database.execute("UPDATE flyway_schema_history SET description = NULL WHERE version = '3'");
		assertThat(skipping().reason()).contains("The row with rank 3 is incomplete");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\n", "\r\n", "\u0085", "\u2028", "\u001b[2K\r", "\u202e" })
	void aDescriptionWritesNoLineOfTheLog(String separator, CapturedOutput output) {
		String forged = separator + FORGED;
		for (String row : List.of("4, '9', ?, 'SQL', 'a.sql', 1, 'x', now(), 0, false",
				"4, '0.5', ?, 'SQL', 'a.sql', 1, 'x', now(), 0, true",
				"4, '0.5', 'b', ?, 'a.sql', 1, 'x', now(), 0, true")) {
			this.database.list("INSERT INTO flyway_schema_history SELECT %s RETURNING 1".formatted(row), forged);
			assertThat(skipping().reason()).contains(FORGED).doesNotContain(separator);
			this.database.execute("DELETE FROM flyway_schema_history WHERE installed_rank = 4");
		}
		assertThat(output.getOut()).contains(FORGED).doesNotContain(forged);
	}

	@Test
	void aLongTextIsCut() {
		this.database
			.execute("INSERT INTO flyway_schema_history SELECT 4, '9', repeat('y', 100000), 'SQL', 'x', 1, 'x', "
					+ "now(), 0, false");
		assertThat(String.valueOf(skipping().reason()).length()).isBetween(1000, 4000);
	}

	private SchemaStatus skipping() {
		return Replica.of(this.database.url(), "basic").with("headlock.skip-migrations", true).startAndStop().status();
	}

}
