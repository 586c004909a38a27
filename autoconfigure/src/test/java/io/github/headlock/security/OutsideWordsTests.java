package io.github.headlock.security;

import io.github.headlock.HeadlockException;
import io.github.headlock.MigrationReport;
import io.github.headlock.PrintableText;
import io.github.headlock.SchemaStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Executable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.roles.PreflightFailure;
import io.github.headlock.startup.SchemaReadyTaskException;
import io.github.headlock.test.PrintableWords;
import io.github.headlock.test.WaysToFail;
import io.github.headlock.upgrade.UpgradeRefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Words from outside, in everything that Headlock says with them. Where they come in, and
 * what makes them fit to be shown:
 * <table>
 * <caption>Words from outside</caption>
 * <tr>
 * <th>words</th>
 * <th>made printable by</th>
 * </tr>
 * <tr>
 * <td>messages, details and hints of the server, texts of the driver</td>
 * <td>{@code PrintableText.line} wherever a message is taken from an exception</td>
 * </tr>
 * <tr>
 * <td>rows of the history</td>
 * <td>{@code HistoryRow.toString}, {@code SchemaStatus}, the analysis of failed rows</td>
 * </tr>
 * <tr>
 * <td>sessions, prepared transactions, holders of locks</td>
 * <td>{@code DatabaseSession}, {@code LockHolder}</td>
 * </tr>
 * <tr>
 * <td>roles</td>
 * <td>{@code RoleFacts.shown}, {@code RoleJournal.Entry}, {@code PreflightFailure},
 * {@code TrustAdvice}</td>
 * </tr>
 * <tr>
 * <td>schema and tables</td>
 * <td>{@code HistoryTable.toString}, {@code MigrationReport},
 * {@code RoleJournal.shown}</td>
 * </tr>
 * <tr>
 * <td>indexes</td>
 * <td>{@code InvalidIndexes}</td>
 * </tr>
 * <tr>
 * <td>progress of background migrations</td>
 * <td>{@code Progress}, {@code StatusQuery}</td>
 * </tr>
 * <tr>
 * <td>required stops</td>
 * <td>{@code RequiredStop}, {@code Violation}</td>
 * </tr>
 * <tr>
 * <td>URL of the database</td>
 * <td>{@code MigrationConnections}</td>
 * </tr>
 * <tr>
 * <td>names of scripts, placeholders and properties</td>
 * <td>where they are logged</td>
 * </tr>
 * <tr>
 * <td>reasons of throttles, and what the server tells that a hold is for</td>
 * <td>{@code ApplicationThrottles}, {@code HoldSignals}, {@code Hold}</td>
 * </tr>
 * <tr>
 * <td>any of these in an exception</td>
 * <td>{@code HeadlockException}</td>
 * </tr>
 * </table>
 * What is said in a whole run is looked at in {@code ForgedLinesTests}.
 */
class OutsideWordsTests {

	private static final Path SOURCES = Path.of("src/main/java/io/github/headlock");

	/** They look into a message, or hand on one of Headlock's own. */
	private static final Set<String> MAY_TAKE_MESSAGES = Set.of("BlockedLogin", "ConnectionFailure",
			"DisplacedStrategyReporter", "UnpooledDataSource", "RoleTransaction", "RefusedLogin",
			"FlywayFailureAnalyzer", "FailedScript", "MigrationRun", "MigrationObservation",
			"ConcurrentMigrationHandler", "BackgroundWork", "BatchFailure");

	/** What they read is made printable as the table above says. */
	private static final Set<String> MAY_READ_TEXT = Set.of("ServerFacts", "SessionRow", "InvalidIndexes",
			"LockHolderQuery", "ReadabilityCheck", "HistoryQuery", "ConstantQueries", "RoleJournal", "RoleJournalTable",
			"RoleSessions", "RoleFacts", "ApplicationRole", "MigratorFacts", "Progress", "TargetTable",
			"OpenTransaction", "PrivilegeWarnings", "Hold", "HoldSignals", "StatusQuery", "MissingGrant", "BatchStore");

	static Stream<Executable> waysToFail() {
		return WaysToFail.types()
			.flatMap((type) -> Stream.concat(Arrays.stream(type.getConstructors()),
					Arrays.stream(type.getMethods()).filter((method) -> method.getReturnType() == type)));
	}

	@ParameterizedTest
	@MethodSource("waysToFail")
	void aFailedStartForgesNoLine(Executable way) throws Exception {
		HeadlockException failure = (HeadlockException) WaysToFail.call(way);
		PrintableWords.assertPrintable(failure.getMessage());
		List<FailureAnalysis> analyses = SpringFactoriesLoader
			.forResourceLocation(SpringFactoriesLoader.FACTORIES_RESOURCE_LOCATION)
			.load(FailureAnalyzer.class,
					SpringFactoriesLoader.ArgumentResolver.of(Environment.class, new StandardEnvironment()),
					SpringFactoriesLoader.FailureHandler.handleMessage((text, ex) -> {
					}))
			.stream()
			.filter((analyzer) -> analyzer.getClass().getName().startsWith("io.github.headlock."))
			.map((analyzer) -> analyzer.analyze(failure))
			.filter((analysis) -> analysis != null)
			.toList();
		assertThat(analyses.size() == 1 || failure instanceof SchemaReadyTaskException).isTrue();
		for (FailureAnalysis analysis : analyses) {
			PrintableWords.assertPrintable(analysis.getDescription());
			PrintableWords.assertPrintable(analysis.getAction());
		}
	}

	@ParameterizedTest
	@MethodSource("shown")
	void whatIsShownForgesNoLine(Class<?> type) throws Exception {
		PrintableWords.assertPrintable(WaysToFail.record(type).toString());
	}

	static List<Class<?>> shown() {
		return List.of(SchemaStatus.class, MigrationReport.class, LockHolder.class, DatabaseSession.class,
				PreflightFailure.class, UpgradeRefusedException.Violation.class);
	}

	@Test
	void aMessageOfAnExceptionIsMadePrintableWhereItIsTaken() {
		assertThat(lines(".getMessage()", MAY_TAKE_MESSAGES))
			.allMatch((line) -> line.contains("PrintableText.line(") || line.startsWith("FailureAnalyzer"));
	}

	@Test
	void onlyWhatIsKnownToMakeItPrintableReadsText() {
		assertThat(lines(".getString(", MAY_READ_TEXT)).isEmpty();
	}

	/** With the end of the type's name before each. */
	private static List<String> lines(String code, Set<String> except) {
		try (Stream<Path> files = Files.walk(SOURCES)) {
			return files.filter((file) -> file.toString().endsWith(".java")).flatMap((file) -> {
				String type = file.getFileName().toString().replace(".java", "");
				String shown = type.endsWith("FailureAnalyzer") ? "FailureAnalyzer" : type;
				return except.contains(type) ? Stream.empty()
						: read(file).lines().filter((line) -> line.contains(code)).map((line) -> shown + ": " + line);
			}).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
