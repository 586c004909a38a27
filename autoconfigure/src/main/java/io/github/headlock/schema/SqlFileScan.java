package io.github.headlock.schema;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.internal.resource.ResourceName;
import org.flywaydb.core.internal.resource.ResourceNameParser;
import org.flywaydb.core.internal.util.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * Lists the migrations of a release that consists of plain SQL files on the class path,
 * several times faster than Flyway does. Finds the same as {@link MigrationScan}, or
 * nothing: whatever could make a difference is left to Flyway.
 */
final class SqlFileScan {

	/** Versions, without the last number, for which the tests have compared the two. */
	static final Set<String> COMPARED_FLYWAYS = Set.of("11.14", "12.4", "12.11", "13.12");

	private static final String CLASSPATH = "classpath:";

	/** Flyway's settings for one script, which it finds whatever the case of its name. */
	private static final String CONF = ".conf";

	/** Without wildcards, what URLs encode, and what paths can be normalized by. */
	private static final Pattern PLAIN_FOLDER = Pattern.compile("[\\w-]+([./][\\w-]+)*");

	/** Without what URLs encode in several ways. */
	private static final Pattern PLAIN_FILE = Pattern.compile("[ -~&&[^!#%?\\\\]]+");

	private static final byte[] BYTE_ORDER_MARK = { (byte) 0xEF, (byte) 0xBB, (byte) 0xBF };

	private final Configuration configuration;

	private final ResourceNameParser names;

	private final Set<String> prefixes;

	private final List<ResolvedMigration> migrations = new ArrayList<>();

	/** Versions, and descriptions of repeatable migrations. */
	private final Set<Object> identities = new HashSet<>();

	private boolean mayHaveDirectives;

	private SqlFileScan(Configuration configuration) {
		this.configuration = configuration;
		this.names = new ResourceNameParser(configuration);
		this.prefixes = KnownPlugins.prefixes(configuration);
	}

	/**
	 * Lists the migrations.
	 * @param configuration Flyway's configuration
	 * @return the migrations, empty if Flyway is to list them
	 */
	static Optional<ReleaseMigrations> of(Configuration configuration) {
		if (!isCompared() || !isPlain(configuration)) {
			return Optional.empty();
		}
		try {
			return new SqlFileScan(configuration).scan();
		}
		catch (LinkageError | Exception ex) {
			// Flyway meets the same problem and reports it in its own words
			return Optional.empty();
		}
	}

	static boolean isCompared() {
		String version = FlywayVersion.current();
		return version != null && version.lastIndexOf('.') > 0
				&& COMPARED_FLYWAYS.contains(version.substring(0, version.lastIndexOf('.')));
	}

	private static boolean isPlain(Configuration configuration) {
		return configuration.getResourceProvider() == null && configuration.getJavaMigrationClassProvider() == null
				&& configuration.getJavaMigrations().length == 0 && configuration.getResolvers().length == 0
				&& !configuration.isSkipDefaultResolvers() && configuration.getCallbackLocations().length == 0
				&& StandardCharsets.UTF_8.equals(configuration.getEncoding()) && !configuration.isDetectEncoding()
				&& !configuration.getSqlMigrationPrefix().isEmpty()
				&& !configuration.getRepeatableSqlMigrationPrefix().isEmpty()
				&& !configuration.getSqlMigrationSeparator().isEmpty() && arePlain(configuration.getLocations())
				&& !configuration.getClassLoader().getClass().getName().startsWith("com.ibm");
	}

	/** Folders of the class path, none of which is in another one. */
	private static boolean arePlain(Location[] locations) {
		List<String> paths = Arrays.stream(locations).map(SqlFileScan::path).toList();
		boolean nested = paths.stream()
			.anyMatch((path) -> paths.stream().filter((other) -> (other + "/").startsWith(path + "/")).count() > 1);
		return !paths.isEmpty() && !nested && paths.stream().allMatch(PLAIN_FOLDER.asMatchPredicate());
	}

	/** Empty if it is no location of the class path. */
	private static String path(Location location) {
		String descriptor = location.getDescriptor();
		return descriptor.startsWith(CLASSPATH) ? descriptor.substring(CLASSPATH.length()) : "";
	}

	private Optional<ReleaseMigrations> scan() throws Exception {
		if (this.prefixes.isEmpty() || !KnownPlugins.areAll(this.configuration.getPluginRegister())) {
			return Optional.empty();
		}
		try (ClasspathFiles classpath = new ClasspathFiles(this.configuration.getClassLoader())) {
			for (Location location : this.configuration.getLocations()) {
				if (!classpath.add(path(location))) {
					return Optional.empty();
				}
			}
			for (Map.Entry<String, Callable<byte[]>> file : classpath.files().entrySet()) {
				if (!add(file.getKey(), file.getValue())) {
					return Optional.empty();
				}
			}
			return Optional.of(release(classpath.files().keySet().stream().map(SqlFileScan::filename).toList()));
		}
	}

	private ReleaseMigrations release(Collection<String> filenames) {
		this.migrations
			.sort(Comparator.comparing(ResolvedMigration::getVersion, Comparator.nullsLast(Comparator.naturalOrder()))
				.thenComparing(ResolvedMigration::getDescription));
		FlywayScanner scanner = new FlywayScanner(this.configuration);
		return new ReleaseMigrations(this.migrations,
				new ReleaseMigrations.Scripts(scanner, scanner, List.of(), false, this.mayHaveDirectives,
						EventScripts.of(this.configuration, filenames, AlwaysRunEvents.ALL),
						!EventScripts.of(this.configuration, filenames, AlwaysRunEvents.ON_EVENT_CONNECTION).isEmpty()),
				RepeatableTexts.OF_MIGRATOR);
	}

	/** Adds a migration, or passes over what Flyway passes over. */
	private boolean add(String path, Callable<byte[]> content) throws Exception {
		String filename = filename(path);
		if (!PLAIN_FILE.matcher(path).matches() || filename.endsWith(".class")
				|| filename.regionMatches(true, filename.length() - CONF.length(), CONF, 0, CONF.length())) {
			return false;
		}
		if (!StringUtils.startsAndEndsWith(filename, "", this.configuration.getSqlMigrationSuffixes())) {
			return isNoScript(filename);
		}
		ResourceName name = this.names.parse(filename);
		if (!name.isValid()) {
			return false;
		}
		String prefix = name.getPrefix();
		String repeatablePrefix = this.configuration.getRepeatableSqlMigrationPrefix();
		if (Event.fromId(prefix) != null) {
			return !filename.startsWith(repeatablePrefix);
		}
		boolean repeatable = prefix.equals(repeatablePrefix);
		if (!repeatable && !prefix.equals(this.configuration.getSqlMigrationPrefix())) {
			return false;
		}
		if (!StringUtils.startsAndEndsWith(filename, prefix, this.configuration.getSqlMigrationSuffixes())) {
			return false;
		}
		byte[] bytes = content.call();
		this.mayHaveDirectives = this.mayHaveDirectives || DirectiveReader.mayHave(bytes);
		return !(filename.startsWith(repeatablePrefix) && hasPlaceholder(bytes))
				&& add(repeatable ? null : name.getVersion(), name, path, bytes);
	}

	/** Shell scripts are migrations, too. */
	private boolean isNoScript(String filename) {
		return this.prefixes.stream().noneMatch(filename::startsWith);
	}

	private boolean add(@Nullable MigrationVersion version, ResourceName name, String path, byte[] bytes)
			throws CharacterCodingException {
		this.migrations.add(new ListedMigration(version, name.getDescription(), path, checksum(bytes)));
		return this.identities.add((version != null) ? version : name.getDescription());
	}

	/** Whether the checksum is that of a text in which something is replaced. */
	private boolean hasPlaceholder(byte[] bytes) {
		return this.configuration.isPlaceholderReplacement()
				&& new String(bytes, StandardCharsets.UTF_8).contains(this.configuration.getPlaceholderPrefix());
	}

	/**
	 * As Flyway's {@code ChecksumCalculator}: of all lines without what ends them, and
	 * without a byte order mark.
	 */
	private static int checksum(byte[] bytes) throws CharacterCodingException {
		StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
		CRC32 checksum = new CRC32();
		int start = startsWithByteOrderMark(bytes) ? BYTE_ORDER_MARK.length : 0;
		for (int index = start; index <= bytes.length; index++) {
			if (index == bytes.length || bytes[index] == '\n' || bytes[index] == '\r') {
				checksum.update(bytes, start, index - start);
				start = index + 1;
			}
		}
		return (int) checksum.getValue();
	}

	private static boolean startsWithByteOrderMark(byte[] bytes) {
		return bytes.length >= BYTE_ORDER_MARK.length && bytes[0] == BYTE_ORDER_MARK[0]
				&& bytes[1] == BYTE_ORDER_MARK[1] && bytes[2] == BYTE_ORDER_MARK[2];
	}

	private static String filename(String path) {
		return path.substring(path.lastIndexOf('/') + 1);
	}

}
