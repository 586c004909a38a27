package io.github.headlock.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The check that teams put into their own tests, on a team's files: released are versions
 * 1 to 3.
 */
class UpgradePathCheckTests {

	private final TestMigrations migrations;

	private final Path configuration;

	private final Path record;

	UpgradePathCheckTests(@TempDir Path folder) throws IOException {
		this.migrations = new TestMigrations(Files.createDirectory(folder.resolve("migrations")));
		this.configuration = folder.resolve("application.yaml");
		this.record = folder.resolve("records/released.txt");
	}

	@BeforeEach
	void release() throws IOException {
		for (int version = 1; version <= 3; version++) {
			this.migrations.file("V%d__v.sql".formatted(version), "SELECT " + version);
		}
		configure("");
		check().record();
	}

	/** As the team's application.yaml is found on the class path. */
	private void configure(String headlock) throws IOException {
		Files.writeString(this.configuration, """
				spring:
				  flyway:
				    locations: %s
				    password: ${NOT_SET_WHERE_TESTS_RUN}
				""".formatted(this.migrations.location()) + headlock);
		System.setProperty("spring.config.location", this.configuration.toString());
	}

	@AfterEach
	void forget() {
		System.clearProperty("spring.config.location");
		System.clearProperty("headlock.record-released-migrations");
	}

	private UpgradePathCheck check() {
		return UpgradePathCheck.ofApplication().recordedIn(this.record);
	}

	@Test
	void aPathThatKeepsItsRecordPasses() {
		check().verify();
		this.migrations.file("V4__new.sql", "SELECT 4");
		this.migrations.file("R__view.sql", "SELECT 5");
		check().verify();
	}

	@Test
	void theRecordKeepsWhatIsSquashed() throws IOException {
		this.migrations.delete("V1__v.sql");
		this.migrations.file("B1__squashed.sql", "SELECT 1");
		this.migrations.file("V3.5__new.sql", "SELECT 4");
		configure("headlock.minimum-schema-version: 1");
		System.setProperty("headlock.record-released-migrations", "true");
		check().verify();
		assertThat(recorded()).containsExactly("1\tv", "2\tv", "3\tv", "3.5\tnew");
	}

	@Test
	void aMistakeIsNotRecorded() throws IOException {
		this.migrations.file("V2.5__late.sql", "SELECT 4");
		configure("headlock.required-stops: [{schema-version: 3, release: '2.0'}]");
		System.setProperty("headlock.record-released-migrations", "true");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> check().verify());
		assertThat(recorded()).containsExactly("1\tv", "2\tv", "3\tv");
	}

	private List<String> recorded() throws IOException {
		return Files.readAllLines(this.record).stream().filter((line) -> !line.startsWith("#")).toList();
	}

	@Test
	void aRecordThatCannotBeReadIsNamed() throws IOException {
		Files.writeString(this.record, "<<<<<<< ours\n");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> check().verify())
			.withMessageContaining(this.record + ": no version, tabulator and description: <<<<<<< ours");
		Files.writeString(this.record, "# nothing\n");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> check().verify())
			.withMessageContaining("is empty, as if nothing had been released");
	}

	@Test
	void whatTheApplicationNeedsToRunIsNotNeededHere() throws IOException {
		configure(
				"""
						spring.main: {web-application-type: servlet, sources: io.github.headlock.check.UpgradePathCheckTests$Trap}
						spring.datasource.url: ${NOT_SET_EITHER}
						""");
		check().verify();
	}

	/** Must not be started. */
	static class Trap {

		Trap() {
			throw new IllegalStateException("The application was started");
		}

	}

	@Test
	void aMissingRecordIsSaid() throws IOException {
		Files.delete(this.record);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> check().verify())
			.withMessage("There is no record of what was released. Run this test once with "
					+ "-Dheadlock.record-released-migrations=true, and commit " + this.record);
	}

	@Test
	void removedTooEarly() throws IOException {
		this.migrations.delete("V2__v.sql");
		assertBroken("version 2 (v) was released and is removed too early: headlock.minimum-schema-version is not set",
				"fresh databases lack what versions up to 2 did: there is no baseline migration B2 or higher");
		this.migrations.file("B2__squashed.sql", "SELECT 2");
		configure("headlock.minimum-schema-version: 1");
		assertBroken(
				"headlock.minimum-schema-version is 1: Baseline migration B2 stands for migrations above it that this "
						+ "release does not contain, so that schemas between the two would never get them. Raise it to 2.",
				"version 2 (v) was released and is removed too early: the minimum schema version is 1");
		configure("headlock.minimum-schema-version: 2");
		check().verify();
	}

	@Test
	void squashedWithoutABaseline() throws IOException {
		this.migrations.delete("V1__v.sql");
		this.migrations.delete("V2__v.sql");
		configure("headlock.minimum-schema-version: 2");
		this.migrations.file("B1__squashed.sql", "SELECT 1");
		assertBroken("fresh databases lack what versions up to 2 did: there is no baseline migration B2 or higher");
		this.migrations.rename("B1__squashed.sql", "B2__squashed.sql");
		check().verify();
	}

	@Test
	void aNewMigrationBelowARequiredStopIsRefused() throws IOException {
		this.migrations.file("V2.5__late.sql", "SELECT 4");
		check().verify();
		configure("headlock.required-stops: [{schema-version: 3, release: '2.0'}]");
		assertBroken("version 2.5 (late) is new, but databases have passed the required stop 3 of release 2.0: "
				+ "it needs a higher version");
	}

	@Test
	void aStopThatIsNotReleasedYetIsNotPassedYet() throws IOException {
		configure("headlock.required-stops: [{schema-version: 5, release: '3.0'}]");
		this.migrations.file("V5__new.sql", "SELECT 5");
		this.migrations.file("V4__new.sql", "SELECT 4");
		check().verify();
	}

	@Test
	void aPathThatLeadsElsewhere() throws IOException {
		configure("headlock: {minimum-schema-version: 4, required-stops: [{schema-version: 7, release: '2.0'}]}");
		assertBroken(
				"headlock.minimum-schema-version is 4: It is above the highest version that this release contains, 3.");
	}

	private void assertBroken(String... mistakes) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> check().verify())
			.withMessage("The upgrade path is broken:\n  - " + String.join("\n  - ", mistakes));
	}

}
