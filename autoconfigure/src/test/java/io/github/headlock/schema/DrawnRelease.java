package io.github.headlock.schema;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

import io.github.headlock.schema.DrawnRoot.Kind;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;

import org.springframework.boot.loader.launch.LaunchedClassLoader;
import org.springframework.boot.loader.net.protocol.Handlers;

/**
 * A release drawn from a seed: its files, the class path that they lie on, and Flyway's
 * configuration.
 */
final class DrawnRelease implements AutoCloseable {

	static {
		NestedProtocol.register();
	}

	private final Random random;

	private final List<String> locations = new ArrayList<>(List.of("oracle/migration"));

	private final List<DrawnRoot> roots = new ArrayList<>();

	private final List<Oddity> oddities = new ArrayList<>();

	private final List<Consumer<FluentConfiguration>> settings = new ArrayList<>();

	private final List<String> scripts = new ArrayList<>();

	private String prefix = "V";

	private String repeatablePrefix = "R";

	private String separator = "__";

	private List<String> suffixes = List.of(".sql");

	private FluentConfiguration configuration = Flyway.configure();

	private DrawnRelease(long seed) {
		// the first number of neighbouring seeds is nearly the same
		this.random = new Random(seed * 0x9E3779B97F4A7C15L);
	}

	static DrawnRelease draw(long seed, Path folder) {
		DrawnRelease release = new DrawnRelease(seed);
		release.drawNames();
		release.drawRoots();
		release.drawFiles();
		release.drawOddities();
		release.write(folder);
		return release;
	}

	private void drawNames() {
		if (this.random.nextInt(4) == 0) {
			this.prefix = any("V", "M", "Version", "v", "RV");
			this.repeatablePrefix = any("R", "Rep", "r", "Z");
			this.separator = any("__", "--", "_", "-");
			this.suffixes = any(List.of(".sql"), List.of(".SQL"), List.of(".pgsql", ".sql"), List.of("-up.sql"),
					List.of("_x.sql", ".sql"));
			this.settings.add((target) -> target.sqlMigrationPrefix(this.prefix)
				.repeatableSqlMigrationPrefix(this.repeatablePrefix)
				.sqlMigrationSeparator(this.separator)
				.sqlMigrationSuffixes(this.suffixes.toArray(String[]::new)));
		}
		if (this.random.nextInt(3) == 0) {
			this.locations.add("oracle/more.sql/second");
		}
		if (this.random.nextInt(6) == 0) {
			boolean validate = this.random.nextBoolean();
			this.settings.add((target) -> target.validateMigrationNaming(true).failOnMissingLocations(validate));
		}
		if (this.random.nextInt(8) == 0) {
			this.settings.add((target) -> target.placeholderReplacement(false));
		}
	}

	private void drawRoots() {
		int count = (this.random.nextInt(4) == 0) ? 2 : 1;
		for (int index = 0; index < count; index++) {
			this.roots.add(new DrawnRoot(any(Kind.values())));
		}
	}

	private void drawFiles() {
		for (int number = 1 + this.random.nextInt(8); number > 0; number--) {
			String version = any("%d", "%d.1", "%d_2_3", "0%d", "2026.%d").formatted(number);
			addScript(this.prefix + version + this.separator + any("a", "create_table", "b_c", "", "x.y") + suffix());
		}
		for (int number = this.random.nextInt(3); number > 0; number--) {
			addScript(this.repeatablePrefix + this.separator + "view_" + number + suffix());
		}
		if (this.random.nextInt(6) == 0) {
			addScript(any("beforeMigrate", "afterMigrate", "afterMigrateApplied", "afterEachMigrate", "beforeValidate",
					"createSchema", "afterConnect") + any("", this.separator + "text") + suffix());
		}
		if (this.random.nextInt(6) == 0) {
			put(folder() + any("README.md", "data.csv", "flyway.location", "notes", "beforeMigrate.sh"),
					DrawnText.draw(this.random));
		}
	}

	private void addScript(String name) {
		String path = folder() + name;
		this.scripts.add(path);
		put(path, DrawnText.draw(this.random));
	}

	private void drawOddities() {
		int count = any(0, 0, 0, 1, 1, 2);
		for (int index = 0; index < count; index++) {
			Oddity oddity = any(Oddity.values());
			this.oddities.add(oddity);
			oddity.apply(this);
		}
	}

	private void write(Path folder) {
		List<URL> urls = new ArrayList<>();
		for (DrawnRoot root : this.roots) {
			urls.add(root.write(folder.resolve("root" + urls.size())));
		}
		URL[] elements = urls.toArray(URL[]::new);
		ClassLoader parent = getClass().getClassLoader();
		boolean fat = this.roots.stream().anyMatch((root) -> root.kind().ordinal() >= Kind.FAT_JAR.ordinal());
		this.configuration = new FluentConfiguration(
				fat ? new LaunchedClassLoader(false, elements, parent) : new URLClassLoader(elements, parent));
		this.configuration.locations(this.locations.stream()
			.map((path) -> path.contains(":") ? path : "classpath:" + path)
			.toArray(String[]::new));
		this.settings.forEach((setting) -> setting.accept(this.configuration));
	}

	FluentConfiguration configuration() {
		return this.configuration;
	}

	List<Kind> kinds() {
		return this.roots.stream().map(DrawnRoot::kind).toList();
	}

	Random random() {
		return this.random;
	}

	List<String> locations() {
		return this.locations;
	}

	List<DrawnRoot> roots() {
		return this.roots;
	}

	/** The element of the class path that most files are in. */
	DrawnRoot root() {
		return this.roots.get(0);
	}

	String prefix() {
		return this.prefix;
	}

	String repeatable(String description) {
		return this.repeatablePrefix + this.separator + description + suffix();
	}

	String versioned(String version, String description) {
		return this.prefix + version + this.separator + description + suffix();
	}

	String separator() {
		return this.separator;
	}

	String suffix() {
		String suffix = DrawnText.any(this.random, this.suffixes);
		return (this.random.nextInt(10) == 0) ? suffix.toUpperCase(Locale.ROOT) : suffix;
	}

	/** Path of any script. */
	String script() {
		return DrawnText.any(this.random, this.scripts);
	}

	/** Path of any location or of a folder below it, with a slash. */
	String folder() {
		List<String> folders = this.locations.stream().filter((location) -> !this.scripts.contains(location)).toList();
		return DrawnText.any(this.random, folders) + any("/", "/", "/", "/sub/", "/sub/deeper_1.0/");
	}

	void put(String path, String content) {
		put(path, content.getBytes(StandardCharsets.UTF_8));
	}

	void put(String path, byte[] content) {
		DrawnText.any(this.random, this.roots).files().put(path, content);
	}

	void set(Consumer<FluentConfiguration> setting) {
		this.settings.add(setting);
	}

	@SafeVarargs
	final <T> T any(T... values) {
		return values[this.random.nextInt(values.length)];
	}

	@Override
	public void close() throws IOException {
		((URLClassLoader) this.configuration.getClassLoader()).close();
	}

	@Override
	public String toString() {
		List<String> files = new ArrayList<>();
		this.roots.forEach((root) -> root.files().keySet().forEach((path) -> files.add(root.kind() + " " + path)));
		Collections.sort(files);
		return "oddities " + this.oddities + ", locations " + this.locations + ", files " + files;
	}

	/** Spring Boot's protocol for jars in jars, without its handler for all jars. */
	private static final class NestedProtocol {

		private static final String PACKAGES = "java.protocol.handler.pkgs";

		static void register() {
			String before = System.getProperty(PACKAGES);
			try {
				// the JVM keeps the handler of each protocol that it has met
				new URL("jar:file:/none.jar!/");
				System.setProperty(PACKAGES, Handlers.class.getPackageName());
				new URL("nested:/none.jar/!none");
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
			finally {
				if (before == null) {
					System.clearProperty(PACKAGES);
				}
				else {
					System.setProperty(PACKAGES, before);
				}
			}
		}

	}

}
