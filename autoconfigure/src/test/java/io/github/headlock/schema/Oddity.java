package io.github.headlock.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.baseline.BaselineMigrationConfigurationExtension;

/**
 * Something in a release that plain SQL files on the class path do not have, or that
 * might be read in another way.
 */
enum Oddity {

	SCRIPT_CONFIGURATION((release) -> release.put(release.script() + ".conf", "executeInTransaction=false")),

	SCRIPT_CONFIGURATION_IN_OTHER_CASE((release) -> {
		release.put("oracle/migration/v15" + release.separator() + "x" + release.suffix(), "SELECT 1;");
		release.put("oracle/migration/V15" + release.separator() + "X.SQL.CONF", "unknown=1");
		release.set((settings) -> settings.sqlMigrationPrefix("v"));
	}),

	PLACEHOLDERS((release) -> {
		release.put(release.folder() + release.repeatable("placeholders"),
				release.any("SELECT '${mine}';", "SELECT '${flyway:timestamp}';", "SELECT '${flyway:user}';\r\n",
						"SELECT '${flyway:database}${flyway:filename}';", "SELECT '${flyway:timestamp", "$${mine}"));
		release.set((settings) -> settings.placeholders(Map.of("mine", "1")));
	}),

	OTHER_PLACEHOLDERS((release) -> {
		release.put(release.folder() + release.repeatable("placeholders"), release.any("SELECT '#[mine]';",
				"SELECT '${mine}';", "SELECT #", "#\n[mine]", "#[MINE]", "#[flyway.user]"));
		release.set((settings) -> settings.placeholderPrefix("#[")
			.placeholderSuffix("]")
			.placeholderSeparator(".")
			.placeholders(Map.of("mine", "1")));
	}),

	PLACEHOLDERS_IN_A_CALLBACK((release) -> release.put(release.folder() + "afterMigrate" + release.suffix(),
			"SELECT '${flyway:timestamp}';")),

	PLACEHOLDERS_IN_A_VERSION(
			(release) -> release.put(release.folder() + release.versioned("77", "p"), "SELECT '${x}'")),

	JAVA_BEAN((release) -> release.set((settings) -> settings.javaMigrations(new V5000__Bean()))),

	SCANNED_CLASS((release) -> release.put("oracle/migration/V6000__Scanned.class",
			bytesOf("/" + V5000__Bean.class.getName().replace('.', '/') + ".class"))),

	PACKAGE_WITH_CLASSES((release) -> release.locations().add("io/github/headlock/schema")),

	BASELINE((release) -> release.put(release.folder() + "B" + release.any("1", "99") + release.separator() + "all"
			+ release.any(release.suffix(), ".sh", ".SQL"), "SELECT 1;")),

	BASELINE_PREFIX((release) -> {
		String prefix = release.any(release.prefix(), "V", "S", "", "VB");
		release.put(release.folder() + "S8" + release.separator() + "all" + release.suffix(), "SELECT 1;");
		release.set((settings) -> settings.getPluginRegister()
			.getExact(BaselineMigrationConfigurationExtension.class)
			.setBaselineMigrationPrefix(prefix));
	}),

	UNDO((release) -> release.put(release.folder() + "U1" + release.separator() + "undo" + release.suffix(),
			"SELECT 1;")),

	SHELL_SCRIPT(
			(release) -> release.put(
					release.folder() + release.any(release.prefix() + "55", "R", "beforeMigrate")
							+ release.any(release.separator() + "shell", "") + release.any(".sh", ".py", ".BASH", ""),
					"true")),

	DISK((release) -> release.locations()
		.add("filesystem:" + release.any("/nowhere", "src/test/resources/db/basic", "."))),

	MISSING_LOCATION((release) -> release.locations().add("oracle/missing")),

	PART_OF_A_FOLDER((release) -> release.locations().set(0, "oracle/migra")),

	LOCATION_THAT_IS_A_FILE((release) -> release.locations().add(release.script())),

	SPECIAL_LOCATION((release) -> release.locations()
		.set(0, release.any("/oracle/migration/", "oracle//migration", "oracle/./migration",
				"oracle/../oracle/migration", "oracle\\migration", "oracle/migration/", "oracle/Migration",
				"oracle/migration#x", "oracle"))),

	SPECIAL_FOLDER((release) -> {
		String folder = "oracle/" + release.any("a b", "a+b", "a%20b", "über", "a#b", "a!b", "a[1]", "a;b", "a{b}");
		release.put(folder + "/" + release.versioned("44", "special"), "SELECT 1;");
		release.locations().add(folder);
	}),

	WILDCARDS((release) -> release.locations()
		.set(0, release.any("oracle/*", "oracle/**", "oracle/migr*", "oracle/migration/**/*.sql", "oracle/m?gration"))),

	OVERLAP((release) -> release.locations()
		.add(release.any("oracle/migration", "oracle/migration/sub", "oracle", "oracle/migration/"))),

	SIMILAR_LOCATION((release) -> {
		release.put("oracle/migration2/" + release.versioned("4711", "similar"), "SELECT 1;");
		release.locations().add("oracle/migration2");
	}),

	SAME_PATH_TWICE((release) -> {
		DrawnRoot second = new DrawnRoot(release.any(DrawnRoot.Kind.values()));
		second.files().put(release.script(), DrawnText.draw(release.random()));
		release.roots().add(release.random().nextInt(2), second);
	}),

	SAME_PATH_TWICE_WITHOUT_FOLDERS((release) -> {
		DrawnRoot second = new DrawnRoot(
				release.any(DrawnRoot.Kind.JAR, DrawnRoot.Kind.FAT_JAR, DrawnRoot.Kind.LIBRARY_IN_FAT_JAR));
		second.files().put(release.script(), DrawnText.draw(release.random()));
		second.withoutFolders();
		release.roots().add(release.random().nextInt(2), second);
	}),

	WITHOUT_FOLDERS((release) -> release.root().withoutFolders()),

	WAR((release) -> {
		release.root().extension(".war");
		release.root()
			.files()
			.put("WEB-INF/classes/oracle/migration/" + release.versioned("66", "war"), new byte[] { '1' });
	}),

	SEVERAL_VERSIONS_OF_JAVA((release) -> {
		release.root()
			.files()
			.put("META-INF/MANIFEST.MF",
					"Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n".getBytes(StandardCharsets.UTF_8));
		release.root().files().put("META-INF/versions/9/" + release.script(), DrawnText.draw(release.random()));
	}),

	SAME_VERSION_TWICE((release) -> {
		release.put(release.folder() + release.versioned("88", "one"), "SELECT 1;");
		release.put(release.folder() + release.versioned(release.any("88", "88.0", "088", "88_0_0"), "two"),
				"SELECT 2;");
	}),

	SAME_DESCRIPTION_TWICE((release) -> {
		release.put("oracle/migration/" + release.repeatable("same_one"), "SELECT 1;");
		release.put("oracle/migration/below/" + release.repeatable("same one"), "SELECT 2;");
	}),

	INVALID_NAME((release) -> release.put(release.folder() + release.any("V1_x.sql", "Vx__y.sql", "R1__x.sql",
			"something.sql", "V__x.sql", ".sql", "afterMigrate_1.sql", "R.sql", "RandomNumbers.sql", "V1.2.3.sql",
			"V1..2__x.sql", "V1__x.sql.bak", "V9", "V9.SQL"), "SELECT 1;")),

	SPECIAL_NAME((release) -> release.put(release.folder() + release.versioned("33",
			release.any("with space", "größe", "100%", "a%20b", "a+b", "a#b", "a;b", "a!b", "東京", "a&b=c", "a[1]",
					"a'b", "-- x", "a__b", "__")),
			DrawnText.draw(release.random()))),

	LONG_VERSION((release) -> release.put(
			release.folder() + release
				.versioned(release.any("20260101123000", "9999999999999999999", "1.0.0.0", "0", "00.00"), "long"),
			DrawnText.draw(release.random()))),

	HIDDEN((release) -> release.put(release.any("oracle/migration/.hidden/" + release.versioned("22", "h"),
			"oracle/migration/." + release.versioned("22", "h"), "oracle/migration/.DS_Store", "oracle/migration/.sql"),
			"SELECT 1;")),

	LINK((release) -> release.root().onDisk((root) -> {
		Path folder = root.resolve("oracle/migration");
		link(folder.resolve(release.any("link", release.versioned("23", "link"))),
				release.any(folder, root, Path.of("/nowhere")));
	})),

	MALFORMED((release) -> release.put(
			release.folder() + release.any(release.versioned("11", "bytes"), release.repeatable("bytes")),
			DrawnText.malformed(release.random()))),

	OTHER_ENCODING((release) -> {
		release.put(release.folder() + release.versioned("12", "encoded"), new byte[] { (byte) 0xE4, 'x' });
		release.set((settings) -> settings.encoding(release.any("ISO-8859-1", "UTF-16", "US-ASCII", "utf-8")));
	}),

	DETECTED_ENCODING((release) -> release.set((settings) -> settings.detectEncoding(true))),

	CALLBACK_LOCATIONS((release) -> release
		.set((settings) -> settings.callbackLocations(release.any("classpath:oracle", "filesystem:/nowhere")))),

	EVENT_AS_PREFIX((release) -> {
		release.put(release.folder() + "beforeMigrate__x.sql", "SELECT '${flyway:timestamp}';");
		release.set((settings) -> {
			if (release.random().nextBoolean()) {
				settings.repeatableSqlMigrationPrefix(release.any("before", "beforeMigrate"));
			}
			else {
				settings.sqlMigrationPrefix(release.any("before", "beforeMigrate"));
			}
		});
	}),

	SAME_PREFIX_TWICE((release) -> release.set((settings) -> settings.repeatableSqlMigrationPrefix(release.prefix()))),

	EMPTY_NAME_PARTS((release) -> release.set((settings) -> {
		switch (release.random().nextInt(4)) {
			case 0 -> settings.sqlMigrationPrefix("");
			case 1 -> settings.repeatableSqlMigrationPrefix("");
			case 2 -> settings.sqlMigrationSuffixes("");
			default -> settings.sqlMigrationSuffixes(".sql", "");
		}
	})),

	SUFFIX_OF_OTHER_FILES((release) -> {
		release.put(release.folder() + "V13__x.conf", "a=b");
		release.put(release.folder() + "V14__x.class", "a=b");
		release.set((settings) -> settings.sqlMigrationSuffixes(release.any(".conf", ".class", ".md", ".sh"), ".sql"));
	}),

	SKIPPED_RESOLVERS((release) -> release.set((settings) -> settings.skipDefaultResolvers(true))),

	EMPTY_FOLDER((release) -> {
		release.root().files().keySet().removeIf(Pattern.compile("oracle/migration/.*").asMatchPredicate());
		release.root().files().put("oracle/migration/placeholder.txt", new byte[0]);
	});

	private final Consumer<DrawnRelease> change;

	Oddity(Consumer<DrawnRelease> change) {
		this.change = change;
	}

	void apply(DrawnRelease release) {
		this.change.accept(release);
	}

	private static void link(Path link, Path target) {
		try {
			Files.createDirectories(link.getParent());
			Files.createSymbolicLink(link, target);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] bytesOf(String resource) {
		try (var stream = Oddity.class.getResourceAsStream(resource)) {
			return stream.readAllBytes();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A migration in Java. */
	static final class V5000__Bean extends BaseJavaMigration {

		@Override
		public void migrate(Context context) {
		}

	}

}
