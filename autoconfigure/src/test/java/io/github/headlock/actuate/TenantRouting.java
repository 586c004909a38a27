package io.github.headlock.actuate;

import java.util.Map;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Gives the connections of the calling thread's tenant, and none to a thread without one.
 */
final class TenantRouting extends AbstractRoutingDataSource {

	/** The tenant of the thread. */
	static final ThreadLocal<String> TENANT = new ThreadLocal<>();

	TenantRouting(Map<Object, Object> dataSources) {
		setTargetDataSources(dataSources);
		setLenientFallback(false);
		afterPropertiesSet();
	}

	/** A pool of two connections to the database of the replica, for a tenant. */
	static HikariDataSource pool(Environment environment) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
		pool.setUsername(environment.getRequiredProperty("spring.datasource.username"));
		pool.setMaximumPoolSize(2);
		return pool;
	}

	@Override
	protected Object determineCurrentLookupKey() {
		return TENANT.get();
	}

}
