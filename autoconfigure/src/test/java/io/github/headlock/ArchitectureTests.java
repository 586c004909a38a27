package io.github.headlock;

import java.util.Formatter;
import java.util.Set;

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
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rules of the structure.
 */
class ArchitectureTests {

	private static final JavaClasses CLASSES = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.withImportOption((location) -> !location.contains("testbed"))
		.importPackages("io.github.headlock");

	@Test
	void packagesHaveNoCycles() {
		slices().matching("io.github.headlock.(*)..").should().beFreeOfCycles().check(CLASSES);
	}

	@Test
	void theRootDependsOnNoRoom() {
		noClasses().that()
			.resideInAPackage("io.github.headlock")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.github.headlock.*..")
			.check(CLASSES);
	}

	@Test
	void nothingDependsOnTheAutoConfiguration() {
		noClasses().that()
			.resideOutsideOfPackage("io.github.headlock.autoconfigure..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.github.headlock.autoconfigure..")
			.check(CLASSES);
	}

	@Test
	void onlyTheScanUsesFlywaysInternals() {
		// The plugin register is the way Flyway documents to reach its PostgreSQL
		// settings.
		DescribedPredicate<JavaClass> internals = resideInAPackage("org.flywaydb.core.internal..")
			.and(not(resideInAPackage("org.flywaydb.core.internal.plugin")));
		noClasses().that()
			.doNotHaveFullyQualifiedName("io.github.headlock.head.MigrationScan")
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

	@Test
	void thePublicSurfaceIsTheIntendedOne() {
		assertThat(CLASSES.stream()
			.filter((type) -> type.getModifiers().contains(JavaModifier.PUBLIC))
			.filter((type) -> type.getEnclosingClass().isEmpty())
			.map((type) -> type.getName().substring("io.github.headlock.".length()))).containsExactlyInAnyOrder(
					// for users
					"SchemaState", "SchemaStatus", "Outcome", "StartReport", "LockHolder", "HeadlockException",
					"LockTimeoutException", "LockLostException", "SchemaAheadException", "FailedMigrationException",
					"DatabaseUnavailableException", "ConnectionLostException", "StartInterruptedException",
					"UnsupportedFlywayException", "DatabaseSession", "RolesNotBlockableException",
					"RolesStillBlockedException", "SessionsNotDrainedException", "UpgradeRefusedException",
					"SchemaBehindException", "MigrationBlockedException", "SchemaReadyTask", "SchemaReadyTaskException",
					"PoolTooSmallException", "PrintableText", "migration.OnSchemaBehind", "migration.OnSchemaAhead",
					"migration.FastPath", "migration.SkipSettings", "autoconfigure.HeadlockProperties",
					"autoconfigure.UpgradePaths", "autoconfigure.SessionsProperties", "autoconfigure.DdlProperties",
					"migration.DdlSettings",
					// for Spring Boot
					"autoconfigure.HeadlockAutoConfiguration", "autoconfigure.HeadlockHealthAutoConfiguration",
					"autoconfigure.HeadlockMetricsAutoConfiguration", "autoconfigure.HeadlockEndpointAutoConfiguration",
					"autoconfigure.HeadlockTaskAutoConfiguration", "autoconfigure.HeadlockSkipAutoConfiguration",
					"autoconfigure.HeadlockPropertiesAutoConfiguration",
					"autoconfigure.HeadlockObservationAutoConfiguration", "observation.HeadlockEndpoint",
					// between the rooms
					"database.ApplicationName", "database.ConnectionFailure", "database.HistoryTable",
					"database.MigrationConnections", "database.ServerFacts", "database.InvalidIndexes",
					"database.SessionRow", "guard.RequiredStop", "guard.UpgradePath", "head.CarriedMigrations",
					"head.Upgrade", "head.UpgradePolicy", "head.VersionedMigration", "head.HeadProbe",
					"head.SchemaHead", "head.NewRepeatables", "health.SchemaHealthIndicator", "lock.HeldLock",
					"lock.MigrationLock", "migration.HeadlockMigrationStrategy", "migration.ManagedSchema",
					"migration.MigrationSettings", "observation.HeadlockMeters", "observation.SchemaWatch",
					"observation.StartObservation", "migration.StartObserver", "migration.StartListeners",
					"bean.NamedBeans", "StartListener", "session.BlockWith", "session.RoleBlock",
					"session.BlockedRoles", "session.SessionSettings", "task.SchemaReadyTasks", "waiting.Deadline",
					"waiting.Patience", "waiting.Stopwatch", "waiting.TimedCall", "database.ApplicationConnections");
	}

}
