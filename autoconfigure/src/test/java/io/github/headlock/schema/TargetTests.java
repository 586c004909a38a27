package io.github.headlock.schema;

import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the probe says where Flyway is told to leave migrations out.
 */
class TargetTests {

	private final Release release;

	TargetTests(@TempDir Path folder) {
		this.release = new Release(new TestMigrations(folder));
	}

	static Stream<Situation> situations() {
		Consumer<Release> newer = (test) -> {
			test.file("V3__c.sql", "SELECT 3");
			test.file("V4__d.sql", "SELECT 4");
		};
		Consumer<Release> newerThatWasApplied = newer.andThen((test) -> test.flyway().migrate());
		return Stream.of(new Situation("a target below", newer, target("2"), SchemaState.AT_HEAD, 2),
				new Situation("a target in between", newer, target("3"), SchemaState.BEHIND, 2),
				new Situation("a target at the head", newer, target("4"), SchemaState.BEHIND, 2),
				new Situation("a target that nothing has", (test) -> {
				}, target("9"), SchemaState.BEHIND, 0),
				new Situation("a target that may be missing", newer, target("2?"), SchemaState.AT_HEAD, 2),
				new Situation("a target in between that nothing has", newer, target("2.5"), SchemaState.BEHIND, 2),
				new Situation("a target above that may be missing", (test) -> {
				}, target("9?"), SchemaState.AT_HEAD, 0),
				new Situation("the target current", newer, target("current"), SchemaState.AT_HEAD, 2),
				new Situation("the target next", newer, target("next"), SchemaState.BEHIND, 2),
				new Situation("the target next, and nothing is", (test) -> {
				}, target("next"), SchemaState.AT_HEAD, 0),
				new Situation("the target latest", newer, target("latest"), SchemaState.BEHIND, 2),
				new Situation("a target below, applied without it", newerThatWasApplied, target("2"),
						SchemaState.AT_HEAD, 0),
				new Situation("a target below, and a new repeatable", newer.andThen((test) -> {
					test.file("R__new.sql", "SELECT 'new'");
				}), target("2"), SchemaState.BEHIND, 3),
				new Situation("a target below, and a version in between", newer.andThen((test) -> {
					test.file("V1.5__between.sql", "SELECT 1");
				}), target("2"), SchemaState.BEHIND, 3),
				new Situation("a target that only a later release has", newerThatWasApplied.andThen((test) -> {
					test.delete("V4__d.sql");
				}), target("4"), SchemaState.AHEAD, 0),
				new Situation("a target below what a later release has applied", newerThatWasApplied.andThen((test) -> {
					test.delete("V4__d.sql");
				}), target("2"), SchemaState.AHEAD, 0),
				new Situation("a target below what a later release has applied, without an own version",
						newerThatWasApplied.andThen((test) -> {
							test.delete("V4__d.sql");
							test.file("V3.5__own.sql", "SELECT 3");
						}), target("2"), SchemaState.AT_HEAD, 1),
				new Situation("a target below, nothing applied",
						newer.andThen((test) -> test.database.execute("DROP TABLE flyway_schema_history")), target("2"),
						SchemaState.BEHIND, 5),
				new Situation("a target below a squash, nothing applied", newer.andThen((test) -> {
					test.database.execute("DROP TABLE flyway_schema_history");
					test.file("B3__all.sql", "SELECT 3");
				}), target("2"), SchemaState.BEHIND, 3), new Situation("migrations that are only recorded", newer,
						(settings) -> settings.skipExecutingMigrations(true), SchemaState.BEHIND, 2));
	}

	@ParameterizedTest
	@MethodSource("situations")
	void theProbeSaysWhatFlywayThenDoes(Situation situation) throws Exception {
		situation.check(this.release);
	}

	@Test
	void whatATargetLeavesOutIsNamed() throws Exception {
		this.release.file("V1__a.sql", "SELECT 1");
		this.release.flyway().migrate();
		this.release.file("V2__b.sql", "SELECT 2");
		this.release.file("V3__c.sql", "SELECT 3");
		SchemaStatus status = this.release.look(this.release.configuration().target("1"));
		assertThat(status.reason())
			.isEqualTo("version 2 (b) is not applied, because it is above the target 1, and 1 more");
		assertThat(status.headVersion()).isEqualTo("3");
		assertThat(this.release.look(this.release.configuration()).state()).as("without the target")
			.isEqualTo(SchemaState.BEHIND);
	}

	private static Consumer<FluentConfiguration> target(String target) {
		return (settings) -> settings.target(target);
	}

}
