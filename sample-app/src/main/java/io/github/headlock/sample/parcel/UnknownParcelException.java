package io.github.headlock.sample.parcel;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Thrown when there is no parcel with a tracking number.
 */
class UnknownParcelException extends ResponseStatusException {

	private static final long serialVersionUID = 1L;

	UnknownParcelException(String trackingNumber) {
		super(HttpStatus.NOT_FOUND, "There is no parcel " + trackingNumber);
	}

}
