package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.List;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.schema.SchemaAheadException;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Rule;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.github.headlock.autoconfigure.ExpectedAnalysis.assertAnalysis;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an operator reads of an upgrade that is refused, to the letter.
 */
class UpgradeFailureAnalyzerTests {

	private static final SchemaStatus BEHIND = new SchemaStatus(SchemaState.BEHIND, "41", "42", 1, "pending");

	private static final Violation STOP = new Violation(Rule.REQUIRED_STOP, "60", "2.0", "Release 2.0 is first");

	private static final String REFUSED = """
			This release must not upgrade schema "public" from version 10 to version 100:
			  - %s
			Nothing was changed: the release that ran until now can go on.""";

	private static final String PATIENCE = """
			, then this one. Let each run until the database is at its version and what is said above is done. The first of \
			them must be one that upgrades schemas of version 10.""";

	@Test
	void schemaAhead() {
		assertAnalysis(
				new SchemaAheadException("public", new SchemaStatus(SchemaState.AHEAD, "43", "42", 0, "later"),
						"headlock.on-schema-ahead=fail"),
				13, """
						Schema "public" is at version 43, ahead of this release's version 42, and \
						headlock.on-schema-ahead=fail is set. Nothing was changed.""",
				"""
						Deploy the release that the schema belongs to, or set headlock.on-schema-ahead=accept to let an \
						older release work with the newer schema.""");
	}

	@Test
	void requiredStop() {
		assertAnalysis(refused(STOP), 11, REFUSED.formatted("Release 2.0 is first"),
				"Install release 2.0 (schema version 60)" + PATIENCE + """

						In an emergency, and only if the reason above does not apply, headlock.skip-required-stop=60 \
						skips that one stop.""");
		Violation next = new Violation(Rule.REQUIRED_STOP, "80", "3.0", "Release 3.0 is next");
		assertAnalysis(refused(STOP, next), 11, REFUSED.formatted("Release 2.0 is first\n  - Release 3.0 is next"),
				"Install release 2.0 (schema version 60), then release 3.0 (schema version 80)" + PATIENCE);
	}

	@Test
	void schemaTooOld() {
		Violation minimum = new Violation(Rule.MINIMUM, "70", null, "It is too old");
		assertAnalysis(refused(minimum), 11, REFUSED.formatted("It is too old"),
				"Install a release that brings the schema to version 70 or higher" + PATIENCE);
		assertAnalysis(refused(STOP, minimum), 11, REFUSED.formatted("Release 2.0 is first\n  - It is too old"),
				"Install release 2.0 (schema version 60), then a release that brings the schema to version 70 or higher"
						+ PATIENCE);
		Violation reached = new Violation(Rule.MINIMUM, "60", "2.0", "It is too old");
		assertAnalysis(refused(STOP, reached), 11, REFUSED.formatted("Release 2.0 is first\n  - It is too old"),
				"Install release 2.0 (schema version 60)" + PATIENCE);
		assertAnalysis(refused(reached), 11, REFUSED.formatted("It is too old"), "Install release 2.0" + PATIENCE);
	}

	@Test
	void mistakesOfTheRelease() {
		assertAnalysis(
				refused(new Violation(Rule.REMOVED, "61", null, "Version 61 is gone"),
						new Violation(Rule.OUT_OF_ORDER, "9", null, "Version 9 is late")),
				11, REFUSED.formatted("Version 61 is gone\n  - Version 9 is late"),
				"""
						A migration that the release does not contain must come back, unless it was squashed: then \
						headlock.minimum-schema-version must be at least its version.
						A new migration needs a version above the stop; that is for the makers of the release to mend.""");
	}

	@Test
	void schemaBehind() {
		assertAnalysis(new SchemaBehindException("public", BEHIND, Duration.ofMinutes(10)), 13,
				"""
						Schema "public" is BEHIND, after waiting for 600.0 s: pending. headlock.skip-migrations=true is set, so \
						nothing was changed.""",
				"""
						Let the process that migrates, such as the Job of this release, do its work, and start again. \
						headlock.on-schema-behind decides how this process starts until then: report starts and reports it in \
						health, wait waits for at most headlock.schema-wait-timeout, fail ends the start.""");
	}

	@ParameterizedTest
	@CsvSource({ "FAILED, Repair the schema: the process that migrates",
			"UNKNOWN, Remove what keeps the history table from", "BEHIND, No migration is pending" })
	void aSchemaThatNoJobCanRepairIsNotLeftToTheJob(SchemaState state, String action) {
		SchemaStatus status = new SchemaStatus(state, "1", "1", 0, "version 1 (a) is not the one that was applied");
		assertThat(new SchemaBehindException("public", status, Duration.ZERO).getAction()).startsWith(action)
			.doesNotContain("do its work");
	}

	private static UpgradeRefusedException refused(Violation... violations) {
		return new UpgradeRefusedException("public", "10", "100", List.of(violations));
	}

}
