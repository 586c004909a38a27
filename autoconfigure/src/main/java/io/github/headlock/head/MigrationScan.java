package io.github.headlock.head;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.ServerFacts;
import org.flywaydb.core.api.ClassProvider;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.resolver.CompositeMigrationResolver;
import org.flywaydb.core.internal.resource.ResourceNameValidator;
import org.flywaydb.core.internal.scanner.Scanner;
import org.flywaydb.core.internal.sqlscript.SqlScriptExecutorFactory;
import org.flywaydb.core.internal.sqlscript.SqlScriptFactory;
import org.flywaydb.database.postgresql.PostgreSQLDatabaseType;
import org.jspecify.annotations.Nullable;

/**
 * Lists the migrations of this release with Flyway's own scanner, resolver and checksums,
 * without a database. The only class that uses Flyway's internal ones; whoever calls it
 * must be ready for a {@link LinkageError} from another Flyway.
 */
final class MigrationScan {

	private final Configuration configuration;

	private final ParsingContext parsingContext = new ParsingContext();

	private MigrationScan(Configuration configuration, HistoryTable table, ServerFacts server) {
		this.configuration = configuration;
		Map<String, String> placeholders = this.parsingContext.getPlaceholders();
		placeholders.put(builtIn("defaultSchema"), table.schema());
		placeholders.put(builtIn("table"), table.table());
		placeholders.put(builtIn("database"), server.database());
		placeholders.put(builtIn("user"), server.user());
		placeholders.put(builtIn("environment"), configuration.getCurrentEnvironmentName());
		placeholders.put(builtIn("workingDirectory"), workingDirectory(configuration));
		placeholders.put(builtIn("timestamp"), "");
	}

	static LocalMigrations of(Configuration configuration, HistoryTable table, ServerFacts server) {
		return new MigrationScan(configuration, table, server).scan((resources) -> RepeatableTexts.OF_MIGRATOR);
	}

	/**
	 * Lists them for a process that never migrates, with another role, and without the
	 * values of placeholders that only the process that does has.
	 */
	static LocalMigrations ofSkipping(Configuration configuration, HistoryTable table, ServerFacts server) {
		MigrationScan scan = new MigrationScan(configuration, table, server);
		return scan.scan((resources) -> scan.textsOfAnotherProcess(resources, table, server));
	}

	private RepeatableTexts textsOfAnotherProcess(ResourceProvider resources, HistoryTable table, ServerFacts server) {
		if (!this.configuration.isPlaceholderReplacement()) {
			return RepeatableTexts.OF_MIGRATOR;
		}
		Set<String> userDependent = new HashSet<>();
		Set<String> unknown = new HashSet<>();
		for (LoadableResource resource : repeatables(resources)) {
			for (String name : placeholders(resource)) {
				if (name.equals(builtIn("user"))) {
					(this.configuration.getInstalledBy() == null ? userDependent : unknown)
						.add(resource.getRelativePath());
				}
				else if (!hasValue(name)) {
					unknown.add(resource.getRelativePath());
					this.parsingContext.getPlaceholders().put(name, "");
				}
			}
		}
		return new RepeatableTexts(userDependent, unknown, (user) -> {
			Map<String, @Nullable Integer> checksums = new HashMap<>();
			ofSkipping(this.configuration, table, server.as(user)).all()
				.forEach((migration) -> checksums.put(migration.getScript(), migration.getChecksum()));
			return checksums;
		});
	}

	private boolean hasValue(String name) {
		return this.configuration.getPlaceholders().containsKey(name) || name.equals(builtIn("filename"))
				|| this.parsingContext.getPlaceholders().containsKey(name);
	}

	private Set<String> placeholders(LoadableResource resource) {
		Pattern pattern = Pattern.compile(Pattern.quote(this.configuration.getPlaceholderPrefix()) + "(.+?)"
				+ Pattern.quote(this.configuration.getPlaceholderSuffix()));
		try (BufferedReader reader = new BufferedReader(resource.read())) {
			return reader.lines()
				.flatMap((line) -> pattern.matcher(line).results())
				.map((found) -> found.group(1))
				.collect(Collectors.toSet());
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot read " + resource.getAbsolutePath(), ex);
		}
	}

	private Collection<LoadableResource> repeatables(ResourceProvider resources) {
		return resources.getResources(this.configuration.getRepeatableSqlMigrationPrefix(),
				this.configuration.getSqlMigrationSuffixes());
	}

	private LocalMigrations scan(Function<ResourceProvider, RepeatableTexts> texts) {
		Scanner<JavaMigration> scanner = scanner(this.configuration.getLocations());
		ResourceProvider resources = this.configuration.getResourceProvider();
		resources = (resources != null) ? resources : scanner;
		ClassProvider<JavaMigration> classes = this.configuration.getJavaMigrationClassProvider();
		classes = (classes != null) ? classes : scanner;
		// as Flyway does before anything else, if validateMigrationNaming is on
		new ResourceNameValidator().validateSQLMigrationNaming(resources, this.configuration,
				new PostgreSQLDatabaseType());
		// first, because it gives placeholders a value that have none
		RepeatableTexts found = texts.apply(resources);
		return new LocalMigrations(resolve(resources, classes), timeDependent(resources),
				eventScripts(resources, StandingEvents.ALL),
				!eventScripts(resources, StandingEvents.ON_EVENT_CONNECTION).isEmpty(), resources, classes, found);
	}

	private Scanner<JavaMigration> scanner(Location[] locations) {
		return new Scanner<>(JavaMigration.class, this.configuration, locations);
	}

	private List<ResolvedMigration> resolve(ResourceProvider resources, ClassProvider<JavaMigration> classes) {
		SqlScriptFactory scripts = new PostgreSQLDatabaseType().createSqlScriptFactory(this.configuration,
				this.parsingContext);
		SqlScriptExecutorFactory noExecution = (connection, undo, batch, outputQueryResults) -> {
			throw new IllegalStateException("Migrations are only listed here, not run");
		};
		return List.copyOf(new CompositeMigrationResolver(resources, classes, this.configuration, noExecution, scripts,
				this.parsingContext, null, this.configuration.getResolvers())
			.resolveMigrations(this.configuration));
	}

	private List<String> timeDependent(ResourceProvider resources) {
		if (!this.configuration.isPlaceholderReplacement()) {
			return List.of();
		}
		return repeatables(resources).stream()
			.filter((resource) -> placeholders(resource).contains(builtIn("timestamp")))
			.map(LoadableResource::getRelativePath)
			.toList();
	}

	private List<String> eventScripts(ResourceProvider resources, Set<Event> events) {
		ResourceProvider callbacks = (this.configuration.getCallbackLocations().length > 0)
				? scanner(this.configuration.getCallbackLocations()) : resources;
		List<String> scripts = new ArrayList<>();
		for (Event event : events) {
			// every suffix: besides SQL files, Flyway runs shell scripts of that name
			Collection<LoadableResource> found = callbacks.getResources(event.getId(), new String[] { "" });
			found.stream()
				.map(LoadableResource::getFilename)
				.filter((name) -> isNamed(name, event))
				.forEach(scripts::add);
		}
		return scripts;
	}

	/** The prefix alone would take {@code afterMigrateApplied.sql} for afterMigrate. */
	private boolean isNamed(String filename, Event event) {
		String rest = filename.substring(event.getId().length());
		return rest.startsWith(".") || rest.startsWith(this.configuration.getSqlMigrationSeparator());
	}

	private String builtIn(String name) {
		return "flyway" + this.configuration.getPlaceholderSeparator() + name;
	}

	private static String workingDirectory(Configuration configuration) {
		String directory = configuration.getWorkingDirectory();
		return (directory != null) ? directory : System.getProperty("user.dir");
	}

}
