/* The company of the access matrix: who is in it, and how its records relate to me. */
#ifndef GUANTONG_TESTS_ACCESS_RELATIONS_H
#define GUANTONG_TESTS_ACCESS_RELATIONS_H

/* Departments: company 1 > sales 2 > east 3 > city 5; company > marketing 4. */
static const int parent_of[] = {0, 0, 1, 2, 1, 3};
/* Users 10 … 16: I, my team mate, and people who have a department only. */
enum { ME = 10, MATE, SAME, CHILD, GRANDCHILD, SIBLING, ABOVE, USERS_END };
static const int department_of[] = {
    [ME] = 2, [MATE] = 4, [SAME] = 2, [CHILD] = 3, [GRANDCHILD] = 5, [SIBLING] = 4, [ABOVE] = 1};
enum { MY_TEAM = 100 };

/* A record's relation to me. */
enum relation {
    OWN,
    OF_MATE,
    OF_SAME,
    OF_CHILD,
    OF_GRANDCHILD,
    OF_SIBLING,
    OF_ABOVE,
    OF_NOBODY,
    SHARED_READ,
    SHARED_UPDATE,
    SHARED_TEAM,
    SHARED_ABOVE, /* with the department above mine */
    SHARED_BESIDE,
    OPENED_BY_LEAD, /* nobody's, but a lead of mine is about it */
    OPENED_BY_DEAL,
    OPENED_BY_SHARED, /* a lead that is shared with me */
    OPENED_BY_TRASH,  /* my lead in the trash */
    OPENED_BESIDE,    /* somebody else's lead */
    OPENED_BY_MADE,   /* my lead, which I made */
    OWNED_AND_MINE,   /* my lead is about it, but somebody else owns it */
    PARENT_OF_MINE,   /* somebody else's, and so is what my deal belongs to */
    PARENT_OF_MADE,   /* the same of a deal that I made */
    PARENT_OF_SHARED, /* of a deal that is shared with me */
    PARENT_OF_TRASH,  /* of my deal in the trash */
    PARENT_BESIDE,    /* of somebody else's deal */
    TRASHED,
    RELATIONS
};
static const int owner_of[RELATIONS] = {
    [OWN] = ME,
    [OF_MATE] = MATE,
    [OF_SAME] = SAME,
    [OF_CHILD] = CHILD,
    [OF_GRANDCHILD] = GRANDCHILD,
    [OF_SIBLING] = SIBLING,
    [OF_ABOVE] = ABOVE,
    [SHARED_READ] = SIBLING,
    [SHARED_UPDATE] = SIBLING,
    [SHARED_TEAM] = SIBLING,
    [SHARED_ABOVE] = SIBLING,
    [SHARED_BESIDE] = SIBLING,
    [OWNED_AND_MINE] = SIBLING,
    [PARENT_OF_MINE] = SIBLING,
    [PARENT_OF_MADE] = SIBLING,
    [PARENT_OF_SHARED] = SIBLING,
    [PARENT_OF_TRASH] = SIBLING,
    [PARENT_BESIDE] = SIBLING,
    [TRASHED] = ME,
};

/* What opens the records of a relation: whose it is, and of what kind. */
static const struct opener {
    enum relation opened;
    const char *by;
    enum relation as;
    int made_by; /* 0: somebody else */
} openers[] = {
    {OPENED_BY_LEAD, "lead", OWN, 0},
    {OPENED_BY_DEAL, "opportunity", OWN, 0},
    {OPENED_BY_SHARED, "lead", SHARED_READ, 0},
    {OPENED_BY_TRASH, "lead", TRASHED, 0},
    {OPENED_BESIDE, "lead", OF_SIBLING, 0},
    {OPENED_BY_MADE, "lead", OWN, ME},
    {OWNED_AND_MINE, "lead", OWN, 0},
    {PARENT_OF_MINE, "opportunity", OWN, 0},
    {PARENT_OF_MADE, "opportunity", OWN, ME},
    {PARENT_OF_SHARED, "opportunity", SHARED_READ, 0},
    {PARENT_OF_TRASH, "opportunity", TRASHED, 0},
    {PARENT_BESIDE, "opportunity", OF_SIBLING, 0},
};
enum { OPENERS = sizeof openers / sizeof openers[0] };

#endif
