package io.github.headlock.schema;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ServerFacts;
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
 * without a database. Uses Flyway's internal classes, so that its callers must be ready
 * for a {@link LinkageError} from another Flyway.
 */
final class MigrationScan {

	private static final String USER = "user";

	/** Placeholders whose values the server tells. */
	private static final List<String> OF_SERVER = List.of("defaultSchema", "database", USER);

	private final Configuration configuration;

	private final ParsingContext parsingContext = new ParsingContext();

	private MigrationScan(Configuration configuration, HistoryTable table, ServerFacts server) {
		this.configuration = configuration;
		Map<String, String> placeholders = this.parsingContext.getPlaceholders();
		placeholders.put(builtIn("defaultSchema"), table.schema());
		placeholders.put(builtIn("table"), table.table());
		placeholders.put(builtIn("database"), server.database());
		placeholders.put(builtIn(USER), server.user());
		placeholders.put(builtIn("environment"), configuration.getCurrentEnvironmentName());
		placeholders.put(builtIn("workingDirectory"), workingDirectory(configuration));
		placeholders.put(builtIn("timestamp"), "");
	}

	/**
	 * Lists them.
	 * @param server the facts of the server, which repeatable migrations can refer to
	 * @param migrates whether this process may migrate; if not, another one has, with
	 * another role, and with placeholders that may have no value here
	 */
	static ReleaseMigrations of(Configuration configuration, HistoryTable table, ServerFacts server, boolean migrates) {
		MigrationScan scan = new MigrationScan(configuration, table, server);
		return scan.scan((placeholders) -> migrates ? RepeatableTexts.OF_MIGRATOR
				: scan.textsOfAnotherProcess(placeholders, table, server));
	}

	private RepeatableTexts textsOfAnotherProcess(Map<String, Set<String>> placeholders, HistoryTable table,
			ServerFacts server) {
		Set<String> userDependent = new HashSet<>();
		Set<String> unknown = new HashSet<>();
		Set<String> withValue = withValue();
		Set<String> without = new HashSet<>();
		placeholders.forEach((script, names) -> {
			for (String name : names) {
				if (name.equalsIgnoreCase(builtIn(USER))) {
					(this.configuration.getInstalledBy() == null ? userDependent : unknown).add(script);
				}
				else if (!withValue.contains(name)) {
					unknown.add(script);
					without.add(name);
				}
			}
		});
		without.forEach((name) -> this.parsingContext.getPlaceholders().put(name, ""));
		return new RepeatableTexts(userDependent, unknown, (user) -> {
			Map<String, @Nullable Integer> checksums = new HashMap<>();
			of(this.configuration, table, server.as(user), false).resolved()
				.forEach((migration) -> checksums.put(migration.getScript(), migration.getChecksum()));
			return checksums;
		});
	}

	/**
	 * Names of placeholders that have a value here, whatever the case of their letters.
	 */
	private Set<String> withValue() {
		Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		names.addAll(this.configuration.getPlaceholders().keySet());
		names.addAll(this.parsingContext.getPlaceholders().keySet());
		names.add(builtIn("filename"));
		return names;
	}

	/** Names of the placeholders in each repeatable script, in lower case. */
	private Map<String, Set<String>> placeholdersOfRepeatables(ResourceProvider resources) {
		Placeholders placeholders = new Placeholders(this.configuration, resources);
		Map<String, Set<String>> found = new LinkedHashMap<>();
		resources
			.getResources(this.configuration.getRepeatableSqlMigrationPrefix(),
					this.configuration.getSqlMigrationSuffixes())
			.forEach((resource) -> found.put(resource.getRelativePath(), placeholders.in(resource)));
		return found;
	}

	private ReleaseMigrations scan(Function<Map<String, Set<String>>, RepeatableTexts> texts) {
		Scanner<JavaMigration> scanner = scanner(this.configuration.getLocations());
		ResourceProvider resources = this.configuration.getResourceProvider();
		resources = (resources != null) ? resources : scanner;
		ClassProvider<JavaMigration> classes = this.configuration.getJavaMigrationClassProvider();
		classes = (classes != null) ? classes : scanner;
		// as Flyway does before anything else, if validateMigrationNaming is on
		new ResourceNameValidator().validateSQLMigrationNaming(resources, this.configuration,
				new PostgreSQLDatabaseType());
		Map<String, Set<String>> placeholders = placeholdersOfRepeatables(resources);
		// first, because it gives placeholders a value that have none
		RepeatableTexts found = texts.apply(placeholders);
		return new ReleaseMigrations(resolve(resources, classes),
				new ReleaseMigrations.Scripts(resources, classes, scriptsWith(placeholders, List.of("timestamp")),
						!scriptsWith(placeholders, OF_SERVER).isEmpty(), true,
						eventScripts(resources, AlwaysRunEvents.ALL),
						!eventScripts(resources, AlwaysRunEvents.ON_EVENT_CONNECTION).isEmpty()),
				found);
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

	private List<String> scriptsWith(Map<String, Set<String>> placeholders, List<String> builtIns) {
		List<String> scripts = new ArrayList<>();
		placeholders.forEach((script, names) -> {
			if (builtIns.stream()
				.map(this::builtIn)
				.anyMatch((name) -> names.stream().anyMatch(name::equalsIgnoreCase))) {
				scripts.add(script);
			}
		});
		return scripts;
	}

	private List<String> eventScripts(ResourceProvider resources, Set<Event> events) {
		ResourceProvider callbacks = (this.configuration.getCallbackLocations().length > 0)
				? scanner(this.configuration.getCallbackLocations()) : resources;
		List<String> names = callbacks.getResources("", new String[] { "" })
			.stream()
			.map(LoadableResource::getFilename)
			.toList();
		return EventScripts.of(this.configuration, names, events);
	}

	private String builtIn(String name) {
		return "flyway" + this.configuration.getPlaceholderSeparator() + name;
	}

	private static String workingDirectory(Configuration configuration) {
		String directory = configuration.getWorkingDirectory();
		return (directory != null) ? directory : System.getProperty("user.dir");
	}

}
