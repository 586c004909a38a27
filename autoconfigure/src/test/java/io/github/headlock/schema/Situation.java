package io.github.headlock.schema;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A history, then a change of the files, the table or the settings. What the probe says
 * is held against what Flyway's migrate then does.
 *
 * @param name what the row is about
 * @param change makes the situation after V1, V2 and R__view were applied
 * @param settings settings of the release that looks
 * @param expected what the probe must say
 * @param pending how many migrations it must count
 */
record Situation(String name, Consumer<Release> change, Consumer<FluentConfiguration> settings, SchemaState expected,
		int pending) {

	Situation(String name, Consumer<Release> change, SchemaState expected, int pending) {
		this(name, change, (configuration) -> {
		}, expected, pending);
	}

	/** What Flyway then does must agree with what the probe says. */
	void check(Release release) throws Exception {
		FluentConfiguration configuration = look(release);
		String migrated = migrate(configuration);
		switch (this.expected) {
			case AT_HEAD -> assertThat(migrated).as("Flyway agrees").isEqualTo("nothing");
			case FAILED -> assertThat(migrated).as("Flyway agrees").startsWith("refused: ");
			case AHEAD -> assertThat(migrated).as("plain Flyway starts as well").doesNotStartWith("refused: ");
			case BEHIND, UNKNOWN -> assertThat(migrated).as("Flyway agrees").isNotEqualTo("nothing");
		}
	}

	/** Flyway alone must refuse to start, while the probe finds the schema ready. */
	void checkThatFlywayAloneRefuses(Release release) throws Exception {
		FluentConfiguration configuration = look(release);
		assertThat(this.expected.isReady()).isTrue();
		assertThat(migrate(configuration)).startsWith("refused: ");
	}

	private FluentConfiguration look(Release release) throws Exception {
		release.file("V1__a.sql", "SELECT 1");
		release.file("V2__b.sql", "SELECT 2");
		release.file("R__view.sql", "SELECT 'view'");
		release.flyway().migrate();
		this.change.accept(release);
		FluentConfiguration configuration = release.configuration();
		this.settings.accept(configuration);

		SchemaStatus status = release.look(configuration);

		assertThat(status.state()).as(status.toString()).isEqualTo(this.expected);
		assertThat(status.pending()).as(status.toString()).isEqualTo(this.pending);
		if (status.state() != SchemaState.AT_HEAD || status.pending() > 0) {
			assertThat(status.reason()).isNotNull();
		}
		return configuration;
	}

	private static String migrate(FluentConfiguration configuration) {
		try {
			Flyway flyway = configuration.load();
			List<String> schemas = Arrays.asList(configuration.getSchemas());
			int executed = flyway.migrate().migrationsExecuted;
			return (executed > 0 || schemas.contains("second")) ? "something" : "nothing";
		}
		catch (FlywayException | IllegalArgumentException ex) {
			return "refused: " + ex.getMessage();
		}
	}

	@Override
	public String toString() {
		return this.name;
	}

}
