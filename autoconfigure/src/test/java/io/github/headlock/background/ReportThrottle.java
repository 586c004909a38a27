package io.github.headlock.background;

import io.github.headlock.BackgroundThrottle;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The throttle that the page on background migrations shows.
 */
@Configuration(proxyBeanMethods = false)
class ReportThrottle {

	@Bean
	BackgroundThrottle reportThrottle(JdbcTemplate jdbc) {
		return (migration) -> {
			Long reports = jdbc.queryForObject("SELECT count(*) FROM report WHERE finished_at IS NULL", Long.class);
			return (reports != null && reports > 0) ? "reports are being made: " + reports : null;
		};
	}

}
