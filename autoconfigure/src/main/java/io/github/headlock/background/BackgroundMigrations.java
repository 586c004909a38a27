package io.github.headlock.background;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.PrintableText;
import io.github.headlock.schema.Directive;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.util.StringUtils;

/**
 * Holds the background migrations that a release declares.
 */
public final class BackgroundMigrations {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundMigrations.class);

	/** Name of the property. */
	private static final String LOCATIONS = "headlock.background.locations";

	/** In the order in which they are worked on. */
	private final List<BackgroundDefinition> definitions;

	private final BackgroundSettings settings;

	private final Map<String, WorkCount> counts = new LinkedHashMap<>();

	private BackgroundMigrations(List<BackgroundDefinition> definitions, BackgroundSettings settings) {
		this.definitions = definitions;
		this.settings = settings;
		definitions.forEach((definition) -> this.counts.put(definition.name(), new WorkCount()));
	}

	/**
	 * Reads the files of some locations and below them, and what beans declare.
	 * @param locations the locations, each beginning with {@code classpath:} or
	 * {@code filesystem:}
	 * @param resources finds the files
	 * @param beans the beans by their names
	 * @param settings what the team decided
	 * @return the migrations
	 * @throws InvalidBackgroundMigrationException if a declaration is wrong
	 * @throws InvalidConfigurationPropertyValueException if a location is wrong
	 */
	public static BackgroundMigrations load(List<String> locations, ResourcePatternResolver resources,
			Map<String, BackgroundMigration> beans, BackgroundSettings settings) {
		Map<String, BackgroundDefinition> definitions = new LinkedHashMap<>();
		for (String location : locations) {
			for (Resource file : files(location, resources)) {
				BackgroundDefinition definition = read(file);
				if (definition == null) {
					logger.warn("{} is not a background migration: it has no line that begins with -- headlock:",
							file.getDescription());
					continue;
				}
				add(definition, definitions);
			}
		}
		beans.forEach((name, bean) -> add(DeclarationBean.read(name, bean, settings.batchTimeout()), definitions));
		List<BackgroundDefinition> sorted = definitions.values()
			.stream()
			.sorted(Comparator.comparing(BackgroundDefinition::since).thenComparing(BackgroundDefinition::name))
			.toList();
		return new BackgroundMigrations(sorted, settings);
	}

	private static void add(BackgroundDefinition definition, Map<String, BackgroundDefinition> definitions) {
		BackgroundDefinition other = definitions.putIfAbsent(definition.name(), definition);
		if (other != null) {
			throw new InvalidBackgroundMigrationException(definition.source(),
					"another one has its name: " + other.source(),
					"Rename one of them. The name is the identity of the migration.");
		}
	}

	/**
	 * Returns the migrations of a release that declares none.
	 * @return none
	 */
	public static BackgroundMigrations none() {
		return new BackgroundMigrations(List.of(), new BackgroundSettings(BackgroundRun.NEVER, 1, Duration.ZERO,
				Duration.ZERO, 1, Duration.ZERO, null, BackgroundSettings.PASS_PAUSE, ThrottleSettings.NONE));
	}

	private static List<Resource> files(String location, ResourcePatternResolver resources) {
		String pattern = pattern(location);
		try {
			List<Resource> files = new ArrayList<>();
			for (Resource file : resources.getResources(pattern)) {
				if (file.isReadable()) {
					files.add(file);
				}
			}
			files.sort(Comparator.comparing(Resource::toString));
			return files;
		}
		catch (IOException ex) {
			throw new InvalidConfigurationPropertyValueException(LOCATIONS, location,
					"It cannot be read: " + PrintableText.line(ex.getMessage()));
		}
	}

	private static String pattern(String location) {
		String path = StringUtils.trimTrailingCharacter(location.substring(location.indexOf(':') + 1), '/');
		if (location.startsWith("classpath:")) {
			return "classpath*:" + StringUtils.trimLeadingCharacter(path, '/') + "/**/*.sql";
		}
		if (location.startsWith("filesystem:")) {
			return "file:" + path + "/**/*.sql";
		}
		throw new InvalidConfigurationPropertyValueException(LOCATIONS, location,
				"It must begin with classpath: or filesystem:.");
	}

	/** {@code null} if it is some other file. */
	private static @Nullable BackgroundDefinition read(Resource file) {
		String name = Objects.requireNonNull(file.getFilename());
		try {
			String text = file.getContentAsString(StandardCharsets.UTF_8).replace("\r\n", "\n");
			return (text.contains("headlock:") || text.contains(SqlEffect.BATCH))
					? DeclarationFile.parse(name, file.getDescription(), text) : null;
		}
		catch (IOException ex) {
			throw new InvalidBackgroundMigrationException(file.getDescription(),
					"the file cannot be read: " + PrintableText.line(ex.getMessage()), "Let this process read it.");
		}
	}

	/**
	 * Returns whether there is none.
	 * @return whether the release declares no background migration
	 */
	public boolean isEmpty() {
		return this.definitions.isEmpty();
	}

	/**
	 * Makes sure that there is none, because several histories are migrated, with
	 * versions of their own.
	 * @throws InvalidBackgroundMigrationException if there is one
	 */
	public void ensureOneHistory() {
		if (!isEmpty()) {
			throw new InvalidBackgroundMigrationException(this.definitions.get(0).source(),
					"the application has several histories, one for each module, with versions of their own",
					"Declare background migrations in an application with one history.");
		}
	}

	/**
	 * Makes sure that this release reaches the versions that they need.
	 * @param head highest version that the release contains, {@code null} if it contains
	 * none
	 * @throws InvalidBackgroundMigrationException if one needs a higher version
	 */
	public void ensureReached(@Nullable MigrationVersion head) {
		for (BackgroundDefinition definition : this.definitions) {
			if (head == null || definition.since().compareTo(head) > 0) {
				throw new InvalidBackgroundMigrationException(definition.source(),
						String.format(Locale.ROOT,
								"since = %s is above the highest version that this release contains%s",
								definition.since(), (head != null) ? ", " + head : ""),
						"Write the version of the migration that adds what the statement needs.");
			}
		}
	}

	/**
	 * Makes sure that the one that need not be finished exists, as far as that can be
	 * told.
	 * @param directives reads what all scripts of this release say, empty if that cannot
	 * be told
	 * @throws InvalidConfigurationPropertyValueException if this release neither declares
	 * nor requires it
	 */
	public void ensureSkippedExists(Supplier<Optional<List<Directive>>> directives) {
		String skip = this.settings.skip();
		if (skip == null || find(skip).isPresent()) {
			return;
		}
		directives.get().ifPresent((lines) -> {
			List<String> names = Stream
				.concat(this.definitions.stream().map(BackgroundDefinition::name), Requirement.names(lines))
				.distinct()
				.sorted()
				.toList();
			if (!names.contains(skip)) {
				throw new InvalidConfigurationPropertyValueException("headlock.background.skip", skip,
						"This release neither declares nor requires a background migration of this name, but "
								+ (names.isEmpty() ? "none at all" : String.join(", ", names))
								+ ". Correct it or remove it.");
			}
		});
	}

	/**
	 * Returns whether a process works on them while the application serves.
	 * @param skipsMigrations whether it is one that skips migrations
	 * @return {@code false} also if there is none
	 */
	public boolean runsIn(boolean skipsMigrations) {
		return !isEmpty() && switch (this.settings.run()) {
			case AUTO -> !skipsMigrations;
			case ALWAYS -> true;
			case NEVER -> false;
		};
	}

	/**
	 * Returns what this process has done for each of them.
	 * @return the counts, by names, in the order in which they are worked on
	 */
	public Map<String, WorkCount> counts() {
		return Collections.unmodifiableMap(this.counts);
	}

	/** Counts what this process does for one of them. */
	WorkCount count(BackgroundDefinition definition) {
		return Objects.requireNonNull(this.counts.get(definition.name()));
	}

	/** In the order in which they are worked on. */
	List<BackgroundDefinition> definitions() {
		return this.definitions;
	}

	/** What the team decided. */
	BackgroundSettings settings() {
		return this.settings;
	}

	/** Finds one by its name. */
	Optional<BackgroundDefinition> find(String name) {
		return this.definitions.stream().filter((definition) -> definition.name().equals(name)).findFirst();
	}

	/**
	 * Has the files of the default location included in a native image.
	 */
	public static final class Hints implements RuntimeHintsRegistrar {

		Hints() {
		}

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.resources().registerPattern("db/background/**");
		}

	}

}
