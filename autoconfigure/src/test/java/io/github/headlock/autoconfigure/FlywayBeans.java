package io.github.headlock.autoconfigure;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.postgresql.Driver;

import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Primary;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Beans of an application that shape its Flyway.
 */
final class FlywayBeans {

	private FlywayBeans() {
	}

	private static DataSource source(String database) {
		return new SimpleDriverDataSource(new Driver(), "jdbc:postgresql://nowhere/" + database, "owner", "secret");
	}

	@Configuration(proxyBeanMethods = false)
	static class NothingMigrates {

		@Bean
		FlywayMigrationInitializer initializer(Flyway flyway) {
			return new FlywayMigrationInitializer(flyway, (unused) -> {
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnDataSource {

		@Bean(defaultCandidate = false)
		@FlywayDataSource
		DataSource migrations() {
			return source("migrations");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryDataSource {

		@Bean
		@Primary
		DataSource first() {
			return source("first");
		}

		@Bean
		DataSource second() {
			return source("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FallbackDataSource {

		@Bean
		@Fallback
		DataSource first() {
			return source("first");
		}

		@Bean
		DataSource second() {
			return source("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSources {

		@Bean
		DataSource first() {
			return source("first");
		}

		@Bean
		DataSource second() {
			return source("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingDataSource {

		@Bean
		DataSource failing() {
			throw new IllegalStateException("no database today");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Callbacks {

		@Bean
		Callback callback() {
			return new NoCallback();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class JavaMigrations {

		@Bean
		JavaMigration migration() {
			return new V7__nothing();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyCustomizer {

		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE - 1)
		FlywayConfigurationCustomizer customizer() {
			return (configuration) -> configuration.table("customized");
		}

	}

	static class NoCallback extends BaseCallback {

		@Override
		public boolean supports(Event event, Context context) {
			return false;
		}

		@Override
		public void handle(Event event, Context context) {
		}

	}

	static class V7__nothing extends BaseJavaMigration {

		@Override
		public void migrate(org.flywaydb.core.api.migration.Context context) {
		}

	}

}
