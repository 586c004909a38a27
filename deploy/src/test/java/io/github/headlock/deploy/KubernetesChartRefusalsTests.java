package io.github.headlock.deploy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Values that the chart does not accept, and what it says.
 */
class KubernetesChartRefusalsTests {

	@ParameterizedTest
	@ValueSource(strings = { "Job", "init-container", "hook", "\"\"", "true" })
	void anUnknownPlaceForMigrations(String runIn) {
		assertThat(Chart.refusalOf(Chart.DATABASE, "migrations: {runIn: %s}\n".formatted(runIn)))
			.contains("/migrations/runIn", "'pods', 'job', 'initContainer'");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "migration: {runIn: job}|migration", "migrations: {run: job}|run", "image: {version: 1}|version",
					"migrations: {longestSeconds: 10m}|/migrations/longestSeconds",
					"migrations: {longestSeconds: 0}|/migrations/longestSeconds",
					"application: {startSeconds: -1}|/application/startSeconds", "runAsUser: 0|/runAsUser",
					"env: {HEADLOCK_ENABLED: 'false'}|/env", "env: [{name: A, value: 1}]|/env/0/value" })
	void aMisspelledOrSenselessValue(String values, String place) {
		assertThat(Chart.refusalOf(Chart.DATABASE, values + "\n")).contains("don't meet the specifications", place);
	}

	@Test
	void noDatabase() {
		assertThat(Chart.refusalOf()).contains("database.application.url must be set");
	}

	@Test
	void noDatabaseForTheMigrator() {
		assertThat(Chart.refusalOf("database: {application: {url: 'jdbc:postgresql://db/parcels'}}\n"))
			.contains("database.migrator.url must be set");
	}

	@Test
	void aTagThatMoves() {
		assertThat(Chart.refusalOf(Chart.DATABASE, "image: {tag: latest}\n"))
			.contains("image.tag must not be \"latest\"");
	}

}
