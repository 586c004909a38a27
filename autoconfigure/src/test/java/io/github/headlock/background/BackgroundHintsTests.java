package io.github.headlock.background;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a native image includes of background migrations.
 */
class BackgroundHintsTests {

	@ParameterizedTest
	@ValueSource(strings = { "db/background/fill.sql", "db/background/customers/2026/fill.sql" })
	void filesOfTheDefaultLocationAndOfFoldersBelow(String file) {
		RuntimeHints hints = new RuntimeHints();
		new BackgroundMigrations.Hints().registerHints(hints, null);
		assertThat(RuntimeHintsPredicates.resource().forResource(file)).accepts(hints);
	}

}
