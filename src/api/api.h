/*
 * The REST API over all record types, and what the web client asks besides.
 *
 * Record types have no routes of their own: /api/v1/{plural} serves all of them from the
 * model. Business verbs (convert, assign, move …) are routes of their modules; a literal path
 * wins over {plural}.
 */
#ifndef GUANTONG_API_API_H
#define GUANTONG_API_API_H

#include "entity/record.h"
#include "http/request.h"
#include "http/server.h"

/* Hooks of the server: who calls, and may they. */
void api_authenticate(struct request *r);
bool api_permit(struct ctx *c, const char *permission);
/* Whether a token may be bound to it: a permission the actor has, or a record type to "read" or to
 * "write", as "leads:write". */
bool api_scope_known(struct ctx *c, struct str scope);
bool api_open(struct ctx *c, const struct route *route);

/* Modules of this folder. */
extern const struct module api_records_module; /* list, create, read, update, trash … */
extern const struct module api_bulk_module;    /* bulk verbs and their undo */
extern const struct module api_saved_views_module;
extern const struct module api_meta_module; /* metadata, search */
extern const struct module api_search_module;
extern const struct module api_openapi_module;
extern const struct module api_presence_module;     /* who has a record open */
extern const struct module api_session_module;      /* log-in, log-out, tokens, password */
extern const struct module api_organization_module; /* roles' rights, users' roles, settings */
extern const struct module api_audit_module;        /* the audit trail and its seals */

/* How long a session lasts without use; set once from the settings. */
void api_session_hours(int64_t hours);
/* How many requests a token, or a user who signed in, may make a minute; 0 is no limit. Set once
 * from the settings. */
void api_requests_per_minute(int most);
/* Whether the cookie carries Secure: behind TLS. */
void api_cookie_secure(bool secure);

/* All routes of the program, for OpenAPI, and the cloud a route belongs to when that can be
 * switched off, else NULL; set once at start. */
void api_routes(const struct route *const *routes, const char *(*cloud_of)(const void *route));

/* The entity of {plural}; NULL with ERROR_ABSENT when there is none with REST, or its cloud is
 * switched off. */
const struct entity *api_entity(struct request *r);
/* Whether the caller may read records of the type at all; ERROR_DENIED when not. */
bool api_readable(struct request *r, const struct entity *e);
/* where, sort, limit, cursor, deleted of the query string. False when the context failed. */
struct list_request;
bool api_list_request(struct request *r, const struct entity *e, struct list_request *q);
/* fields and expand of the query string: names with commas, "*" for all references. expand: what
 * counts when the caller says nothing. */
struct record_choice api_record_choice(struct request *r, const struct entity *e,
                                       const char *expand);

#endif
