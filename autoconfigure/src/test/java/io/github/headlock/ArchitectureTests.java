package io.github.headlock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Formatter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rules of the structure.
 */
class ArchitectureTests {

	private static final JavaClasses CLASSES = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.withImportOption((location) -> !location.contains("testbed"))
		.importPackages("io.github.headlock");

	/**
	 * The rooms from the top to the ground. Each may use those below its own, and none of
	 * those beside it.
	 */
	private static final List<Set<String>> FLOORS = List.of(Set.of("autoconfigure"), Set.of("actuate"),
			Set.of("startup"), Set.of("flyway"), Set.of("background"), Set.of("roles", "upgrade"),
			Set.of("lock", "schema"), Set.of("history"), Set.of("jdbc"), Set.of("waiting"), Set.of(""));

	@Test
	void packagesDependOnThoseBelowThem() {
		Set<String> above = new TreeSet<>();
		for (Set<String> floor : FLOORS) {
			for (String room : floor) {
				Set<String> others = new TreeSet<>(above);
				floor.stream().filter((other) -> !other.equals(room)).forEach(others::add);
				if (!others.isEmpty()) {
					noClasses().that()
						.resideInAPackage(packageOf(room))
						.should()
						.dependOnClassesThat()
						.resideInAnyPackage(others.stream().map(ArchitectureTests::packageOf).toArray(String[]::new))
						.check(CLASSES);
				}
			}
			above.addAll(floor);
		}
		assertThat(CLASSES.stream().map(JavaClass::getPackageName))
			.allMatch((name) -> above.stream().map(ArchitectureTests::packageOf).anyMatch(name::equals));
	}

	@Test
	void thePictureForContributorsShowsThem() throws IOException {
		String page = Files.readString(Path.of("..", "CONTRIBUTING.md"));
		List<Set<String>> drawn = page.substring(page.indexOf("```text\n"))
			.lines()
			.skip(1)
			.takeWhile((line) -> !line.equals("```"))
			.map((line) -> Stream.of(line.split(" {3,}", 2)[0].split(" \\| ", -1))
				.map((room) -> room.replace(".", ""))
				.collect(Collectors.toSet()))
			.toList();
		assertThat(drawn).isEqualTo(FLOORS);
	}

	private static String packageOf(String room) {
		return room.isEmpty() ? "io.github.headlock" : "io.github.headlock." + room;
	}

	@Test
	void onlyTheListingsAndAFailureAnalysisUseFlywaysInternals() {
		// The plugin register is the way Flyway documents to reach its PostgreSQL
		// settings.
		DescribedPredicate<JavaClass> internals = resideInAPackage("org.flywaydb.core.internal..")
			.and(not(resideInAPackage("org.flywaydb.core.internal.plugin")));
		noClasses()
			.that(describe("neither list migrations nor analyze failures", (type) -> Set
				.of("schema.MigrationScan", "schema.SqlFileScan", "schema.FlywayScanner", "schema.KnownPlugins",
						"schema.ListedMigration", "schema.ListedMigration$NoExecutor", "autoconfigure.FailedScript")
				.stream()
				.noneMatch((name) -> type.getFullName().equals("io.github.headlock." + name))))
			.should()
			.dependOnClassesThat(internals)
			.check(CLASSES);
	}

	@Test
	void noTextDependsOnTheLanguageOfTheMachine() {
		DescribedPredicate<AccessTarget> byDefaultLocale = describe("a method that uses the default locale",
				(target) -> Set
					.of("java.lang.String.format(java.lang.String, [Ljava.lang.Object;)",
							"java.lang.String.formatted([Ljava.lang.Object;)", "java.lang.String.toLowerCase()",
							"java.lang.String.toUpperCase()", "java.util.Locale.getDefault()",
							"java.io.PrintStream.printf(java.lang.String, [Ljava.lang.Object;)",
							"java.io.PrintStream.format(java.lang.String, [Ljava.lang.Object;)",
							"java.time.format.DateTimeFormatter.ofPattern(java.lang.String)")
					.contains(target.getFullName()) || target.getOwner().getPackageName().equals("java.text")
						|| target.getOwner().isEquivalentTo(Formatter.class));
		noClasses().should().accessTargetWhere(target(byDefaultLocale)).check(CLASSES);
	}

	/** An executor alone silently ends the schedule of a task that throws. */
	@Test
	void onlyThePeriodicTaskSchedules() {
		noClasses().that()
			.doNotHaveFullyQualifiedName("io.github.headlock.waiting.PeriodicTask")
			.should()
			.dependOnClassesThat()
			.areAssignableTo(ScheduledExecutorService.class)
			.check(CLASSES);
	}

	@Test
	void autoConfigurationsArePublicAndFinalAndTheirMembersAreNot() {
		classes().that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.andShould()
			.haveModifier(JavaModifier.FINAL)
			.check(CLASSES);
		methods().that().areAnnotatedWith(Bean.class).should().notBePublic().check(CLASSES);
	}

	/** What users may rely on. */
	private static final Set<String> API = Set.of("background.BackgroundUnfinishedException", "BackgroundThrottle",
			"BackgroundMigration", "HeadlockException", "MigrationListener", "MigrationOutcome", "MigrationReport",
			"RequiresBackground", "SchemaReadyTask", "SchemaState", "SchemaStatus",
			"autoconfigure.BackgroundProperties", "autoconfigure.DdlProperties", "autoconfigure.HeadlockProperties",
			"autoconfigure.LockProperties", "autoconfigure.RequiredStopProperties", "autoconfigure.SessionsProperties",
			"background.BackgroundRun", "background.InvalidBackgroundMigrationException",
			"flyway.ConnectionLostException", "flyway.MigrationBlockedException", "flyway.UnsupportedFlywayException",
			"jdbc.DatabaseSession", "jdbc.DatabaseUnavailableException", "jdbc.PoolTooSmallException",
			"jdbc.StandbyReachedException", "lock.LockHolder", "lock.LockLostException", "lock.LockTimeoutException",
			"roles.BlockMode", "roles.BlockedRoleLoginException", "roles.PreflightFailure",
			"roles.RolesNotBlockableException", "roles.RolesStillBlockedException", "roles.SessionsNotDrainedException",
			"schema.FailedMigrationException", "schema.HistoryHiddenException", "schema.SchemaAheadException",
			"schema.SchemaBehindException", "startup.FastPath", "startup.OnSchemaAhead", "startup.OnSchemaBehind",
			"startup.SchemaReadyTaskException", "upgrade.UpgradeRefusedException", "waiting.StartInterruptedException");

	@Test
	void apiIsComparedWithThatOfTheLastRelease() throws IOException {
		assertThat(Pattern.compile("<include>io\\.github\\.headlock\\.(.+)</include>")
			.matcher(Files.readString(Path.of("pom.xml")))
			.results()
			.map((include) -> include.group(1))).containsExactlyInAnyOrderElementsOf(API);
	}

	/** What Spring Boot finds by its name. */
	private static final Set<String> FOR_SPRING_BOOT = Set.of("actuate.HeadlockEndpoint",
			"actuate.HeadlockBackgroundEndpoint", "actuate.HeadlockBackgroundEndpointWebExtension",
			"autoconfigure.HeadlockBackgroundEndpointAutoConfiguration", "autoconfigure.HeadlockAutoConfiguration",
			"autoconfigure.HeadlockEndpointAutoConfiguration", "autoconfigure.HeadlockHealthAutoConfiguration",
			"autoconfigure.HeadlockMetricsAutoConfiguration", "autoconfigure.HeadlockObservationAutoConfiguration",
			"autoconfigure.HeadlockPropertiesAutoConfiguration", "autoconfigure.HeadlockSkipAutoConfiguration",
			"autoconfigure.HeadlockTaskAutoConfiguration");

	/** Public only because another room needs it; may change with any release. */
	private static final Set<String> INTERNAL = Set.of("actuate.BoundedSchemaProbe", "actuate.HeadlockMeters",
			"actuate.MigrationObservation", "actuate.SchemaHealthIndicator", "autoconfigure.UpgradePaths",
			"background.BackgroundCompletion", "background.CompletionSettings", "background.HeadProbe",
			"background.BackgroundAction", "background.BackgroundActionException", "background.BackgroundLook",
			"background.BackgroundOperations", "background.BackgroundResult", "background.BackgroundStatus",
			"background.BackgroundTrial", "background.WorkCount", "background.ThrottleBeans",
			"background.ThrottleSettings", "autoconfigure.BackgroundDeclarations", "background.BackgroundGate",
			"background.BackgroundMigrations", "background.RequirementCheck", "background.BackgroundRunner",
			"background.BackgroundSettings", "flyway.ReopenedBackgroundMigrations", "schema.Directive",
			"schema.UpgradeDirectives", "startup.BackgroundLifecycle", "flyway.DdlSettings", "flyway.FailedFlywayRun",
			"flyway.FlywayRunSettings", "flyway.InvalidIndexes", "flyway.MigrationLoop",
			"history.ApplicationConnections", "history.AppliedMigrations", "history.History", "history.HistoryReader",
			"history.HistoryRow", "history.HistoryQuery", "history.HistorySnapshot", "history.HistoryTable",
			"history.SiblingTable", "jdbc.ApplicationName", "jdbc.BlockedLogin", "jdbc.ConnectionAbort",
			"jdbc.ConnectionFailure", "jdbc.JdbcProxy", "jdbc.MigrationConnections", "jdbc.MultiStatement",
			"jdbc.ReadConnection", "jdbc.RootCause", "PrintableText", "jdbc.ServerFacts", "jdbc.SessionRow",
			"lock.HeldLock", "lock.MigrationLock", "roles.RoleLockout", "roles.RoleLockouts", "roles.RoleRestoreWatch",
			"roles.SessionSettings", "schema.AlwaysRunWork", "schema.NewRepeatables", "schema.ReleaseMigrations",
			"schema.FlywayVersion", "schema.MigrationListing", "schema.SchemaHead", "schema.Upgrade",
			"schema.UpgradeReader", "schema.UpgradePolicy", "schema.VersionedMigration",
			"startup.HeadlockMigrationStrategy", "startup.SchemaProbe", "startup.SchemaLook",
			"startup.RoleRestoreLifecycle", "startup.ManagedSchema", "startup.MigrationObserver",
			"startup.MigrationSettings", "startup.ModuleFlyways", "startup.SupportedVersions", "startup.DeferredFlyway",
			"startup.NamedBeans", "startup.SchemaReadyTasks", "startup.SkipSettings", "startup.MigrationListeners",
			"upgrade.RequiredStop", "upgrade.UpgradePath", "waiting.Backoff", "waiting.Deadline",
			"waiting.PeriodicTask", "waiting.Registration", "waiting.ReportInterval", "waiting.ShutdownCancellation",
			"waiting.Stopwatch", "waiting.TimedCall");

	@Test
	void whatIsPublicIsMeantToBe() {
		assertThat(CLASSES.stream()
			.filter((type) -> type.getModifiers().contains(JavaModifier.PUBLIC))
			.filter((type) -> type.getEnclosingClass().isEmpty())
			.map((type) -> type.getName().substring("io.github.headlock.".length())))
			.containsExactlyInAnyOrderElementsOf(
					Stream.of(API, FOR_SPRING_BOOT, INTERNAL).flatMap(Set::stream).toList());
	}

}
