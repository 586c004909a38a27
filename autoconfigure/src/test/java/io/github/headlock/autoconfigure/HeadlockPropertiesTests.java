package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.roles.BlockMode;
import io.github.headlock.startup.FastPath;
import io.github.headlock.startup.OnSchemaAhead;
import io.github.headlock.startup.OnSchemaBehind;
import io.github.headlock.test.ConfigurationMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * The properties.
 */
class HeadlockPropertiesTests {

	@Test
	void defaultsAreThoseOfTheDocumentation() {
		HeadlockProperties properties = new HeadlockProperties();
		assertThat(properties.isEnabled()).isTrue();
		assertThat(properties.getFastPath()).isEqualTo(FastPath.AUTO);
		assertThat(properties.getOnSchemaAhead()).isEqualTo(OnSchemaAhead.ACCEPT);
		assertThat(properties.getLock().getTimeout()).isEqualTo(Duration.ofMinutes(15));
		assertThat(properties.getLock().getPollInterval()).isEqualTo(Duration.ofMillis(500));
		assertThat(properties.isSkipMigrations()).isFalse();
		assertThat(properties.isExitAfterMigration()).isFalse();
		assertThat(properties.getOnSchemaBehind()).isEqualTo(OnSchemaBehind.REPORT);
		assertThat(properties.getSchemaWaitTimeout()).isEqualTo(Duration.ofMinutes(10));
		assertThat(properties.getDdl().getLockTimeout()).isNull();
		assertThat(properties.getDdl().getMaxAttempts()).isEqualTo(10);
		assertThat(properties.isTerminateDbSessions()).isFalse();
		assertThat(properties.getSessions().getRoles()).isEmpty();
		assertThat(properties.getSessions().getDrainTimeout()).isEqualTo(Duration.ofMinutes(1));
		assertThat(properties.getSessions().getBlockWith()).isEqualTo(BlockMode.NOLOGIN);
	}

	@Test
	void allDurationsAreCheckedForAUnit() {
		assertThat(PropertyNames.DURATIONS).containsExactlyInAnyOrderElementsOf(ConfigurationMetadata.properties()
			.entrySet()
			.stream()
			.filter((property) -> property.getKey().startsWith("headlock.")
					&& "java.time.Duration".equals(property.getValue().get("type")))
			.map(Map.Entry::getKey)
			.toList());
	}

	@ParameterizedTest
	@CsvSource({ "headlock.lock.timeout, 900", "headlock.lock.poll-interval, 5", "headlock.schema-wait-timeout, +600",
			"headlock.ddl.lock-timeout, 2", "headlock.sessions.drain-timeout, 60" })
	void aDurationWithoutAUnitIsRefused(String name, String value) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> checkDurations(name, value))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo(name);
				assertThat(ex.getReason())
					.isEqualTo("It has no unit. Set %1$ss for seconds or %1$sms for milliseconds.".formatted(value));
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "900s", "900ms", "15m", "PT15M", "0s" })
	void aDurationWithAUnitOrZeroIsAccepted(String value) {
		assertThatNoException().isThrownBy(() -> checkDurations("headlock.lock.timeout", value));
	}

	@Test
	void aDurationWithoutAUnitIsRefusedInTheEnvironmentAndBehindAPlaceholder() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class).isThrownBy(() -> checkDurations(
				new SystemEnvironmentPropertySource("systemEnvironment", Map.of("HEADLOCK_LOCK_POLLINTERVAL", "5"))));
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class).isThrownBy(() -> checkDurations(
				new MapPropertySource("file", Map.of("headlock.lock.timeout", "${longest}", "longest", "900"))));
	}

	private static void checkDurations(String name, String value) {
		checkDurations(new MapPropertySource("file", Map.of(name, value)));
	}

	private static void checkDurations(PropertySource<?> source) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(source);
		new DurationCheck(environment).postProcessBeanFactory(new DefaultListableBeanFactory());
	}

	@ParameterizedTest
	@CsvSource({ "headlock.lock.timeout, -1s", "headlock.lock.poll-interval, 0", "headlock.lock.poll-interval, -1s",
			"headlock.lock.timeout, soon", "headlock.lock.timeout, 366d", "headlock.lock.poll-interval, 61m",
			"headlock.fast-path, maybe", "headlock.on-schema-behind, ignore", "headlock.schema-wait-timeout, -1s",
			"headlock.sessions.drain-timeout, 0", "headlock.sessions.drain-timeout, 366d",
			"headlock.sessions.block-with, sigterm", "headlock.sessions.roles, 'shop, ,other'",
			"headlock.terminate-db-sessions, maybe", "headlock.on-schema-ahead, ignore",
			"headlock.background.max-replication-lag, -1s", "headlock.background.max-replication-lag, 25h",
			"headlock.background.max-wal-rate, 20", "headlock.background.max-wal-rate, 0",
			"headlock.background.max-wal-rate, -1MB", "headlock.ddl.lock-timeout, 0s", "headlock.ddl.lock-timeout, 25h",
			"headlock.ddl.max-attempts, 0" })
	void aWrongValueIsRefusedWithTheNameOfTheProperty(String name, String value) {
		assertThatExceptionOfType(BindException.class).isThrownBy(() -> bind(Map.of(name, value)))
			.satisfies((ex) -> assertThat(ex).hasStackTraceContaining(name));
	}

	@Test
	void holdsOfBackgroundMigrationsCanBeTurnedOff() {
		BackgroundProperties properties = bind(Map.of("headlock.background.max-replication-lag", "0")).getBackground();
		assertThat(properties.getMaxReplicationLag()).isZero();
		assertThat(properties.getMaxWalRate()).isNull();
		assertThat(new BackgroundProperties().getMaxReplicationLag()).isEqualTo(Duration.ofSeconds(10));
		assertThat(bind(Map.of("headlock.background.max-wal-rate", "20MB")).getBackground().getMaxWalRate())
			.isEqualTo(DataSize.ofMegabytes(20));
	}

	@ParameterizedTest
	@ValueSource(strings = { "off", "false", "OFF" })
	void fastPathOffIsUnderstoodAsYamlReadsIt(String value) {
		assertThat(bind(Map.of("headlock.fast-path", value)).getFastPath()).isEqualTo(FastPath.OFF);
	}

	@Test
	void rolesKeepTheirCaseAndTheirBlanks() {
		assertThat(bind(Map.of("headlock.sessions.roles", "shop, Shop Ü")).getSessions().getRoles())
			.containsExactly("shop", "Shop Ü");
		assertThat(bind(Map.of("headlock.sessions.block-with", "revoke-connect")).getSessions().getBlockWith())
			.isEqualTo(BlockMode.REVOKE_CONNECT);
	}

	private static HeadlockProperties bind(Map<String, String> properties) {
		return new Binder(new MapConfigurationPropertySource(properties)).bind("headlock", HeadlockProperties.class)
			.get();
	}

}
