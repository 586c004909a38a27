package io.github.headlock.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the check finds of background migrations: version 2 adds a column, and version 3
 * requires that it is filled.
 */
class BackgroundCheckTests {

	private static final String NOT_DECLARED = "V3__enforce.sql requires the background migration \"fill\", which this "
			+ "release does not declare: it is to be declared until that migration is released, and is below a later "
			+ "required stop or not above headlock.minimum-schema-version";

	private static final Definition FILL = Definition.of("fill").table("t").since("2").where("a IS NULL");

	private final TestMigrations migrations;

	private final TestMigrations background;

	private final Path configuration;

	private final Path record;

	BackgroundCheckTests(@TempDir Path folder) throws IOException {
		this.migrations = new TestMigrations(Files.createDirectory(folder.resolve("migrations")));
		this.background = new TestMigrations(Files.createDirectory(folder.resolve("background")));
		this.configuration = folder.resolve("application.yaml");
		this.record = folder.resolve("released.txt");
	}

	@BeforeEach
	void release() throws IOException {
		this.migrations.file("V1__t.sql", "CREATE TABLE t (id int PRIMARY KEY)");
		this.migrations.file("V2__a.sql", "ALTER TABLE t ADD COLUMN a int");
		configure("");
		check().record();
		this.migrations.file("V3__enforce.sql",
				"-- headlock: requires background fill\nALTER TABLE t ALTER COLUMN a SET NOT NULL");
	}

	private void configure(String headlock) throws IOException {
		Files.writeString(this.configuration, """
				spring.flyway.locations: %s
				headlock.background.locations: %s
				""".formatted(this.migrations.location(), this.background.location()) + headlock);
		System.setProperty("spring.config.location", this.configuration.toString());
	}

	@AfterEach
	void forget() {
		System.clearProperty("spring.config.location");
	}

	private UpgradePathCheck check() {
		return UpgradePathCheck.ofApplication().recordedIn(this.record);
	}

	private void declare(int since) {
		this.background.file("fill.sql", """
				-- headlock: table = t
				-- headlock: since = %d
				-- headlock: where = a IS NULL
				UPDATE t SET a = 1 WHERE ${batch}
				""".formatted(since));
	}

	@Test
	void whatIsDeclaredMayBeRequired() {
		declare(2);
		check().verify();
	}

	/** A constant has the definition, for the bean and for the check. */
	@Test
	void aBeanDeclaresAsWell() {
		UpgradePathCheck application = check();
		application.declaring(FILL).verify();
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> application.declaring(FILL.since("latest")).verify())
			.withMessageContaining("since = latest is no schema version");
	}

	@Test
	void oneNameForTwoBeansIsFound() {
		UpgradePathCheck application = check().declaring(FILL, FILL.where("a IS NULL OR a = 2"));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(application::verify)
			.withMessageContaining("another one has its name");
	}

	@Test
	void whatWasNeverDeclaredIsFound() throws IOException {
		assertBroken(NOT_DECLARED);
		// a stop does not help: this release is the first with the migration
		configure("headlock.required-stops: [{schema-version: 3, release: '3.0'}]");
		assertBroken(NOT_DECLARED);
	}

	@Test
	void aDeclarationThatIsRemovedTooEarlyIsFound() throws IOException {
		declare(2);
		check().record();
		this.background.delete("fill.sql");
		this.migrations.file("V4__later.sql", "SELECT 4");
		assertBroken(NOT_DECLARED);
		configure("headlock.minimum-schema-version: 2");
		assertBroken(NOT_DECLARED);
		configure("headlock.minimum-schema-version: 3");
		check().verify();
		configure("headlock.required-stops: [{schema-version: 2, release: '2.0'}]");
		assertBroken(NOT_DECLARED);
		configure("headlock.required-stops: [{schema-version: 3, release: '3.0'}]");
		check().verify();
	}

	/** A release with the stop's version is that stop. */
	@Test
	void theStopItselfDeclaresIt() throws IOException {
		declare(2);
		check().record();
		this.background.delete("fill.sql");
		configure("headlock.required-stops: [{schema-version: 3, release: '3.0'}]");
		assertBroken(NOT_DECLARED);
	}

	@Test
	void otherMistakesAreFound() {
		declare(3);
		assertBroken("since = 3 is not below V3__enforce.sql, which requires it");
		declare(4);
		assertBroken("since = 4 is above the highest version that this release contains, 3");
		this.background.file("fill.sql", "UPDATE t SET a = 1 WHERE ${batch}");
		assertBroken("table is missing");
		declare(2);
		this.migrations.file("V3__enforce.sql", "-- headlock: requires fill\nSELECT 3");
		assertBroken("the line \"-- headlock: requires fill\" is not understood");
	}

	/** As on the page. */
	@Test
	void theSampleOfThePage() {
		System.clearProperty("spring.config.location");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> {
			UpgradePathCheck.ofApplication().declaring(HashEmails.DEFINITION).verify();
		}).withMessageContaining("There is no record of what was released");
	}

	/** The bean of the page. */
	static final class HashEmails {

		static final Definition DEFINITION = Definition.of("hash_emails")
			.table("customer")
			.since("43")
			.where("email_hash IS NULL");

		private HashEmails() {
		}

	}

	private void assertBroken(String mistake) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> check().verify())
			.withMessageStartingWith("The upgrade path is broken:\n  - ")
			.withMessageContaining(mistake);
	}

}
